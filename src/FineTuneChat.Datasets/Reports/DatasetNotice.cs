namespace FineTuneChat.Datasets.Reports;

/// <summary>Something in a file that its user should know: not used, not learned as it stands there, guessed, or suspicious.</summary>
/// <param name="Kind">One of <see cref="NoticeKinds"/>.</param>
/// <param name="Text">What it is, as a clause without a full stop.</param>
/// <param name="Count">In how many rows; 0 where it is said of the whole file.</param>
/// <param name="Rows">The first of them.</param>
/// <param name="Details">The first of them in words, where there is more to say than the number.</param>
public sealed record DatasetNotice(string Kind, string Text, int Count, IReadOnlyList<int> Rows, IReadOnlyList<string> Details);
