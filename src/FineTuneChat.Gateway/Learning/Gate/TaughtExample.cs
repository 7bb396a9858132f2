namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>An example that a version was taught, and what became of it.</summary>
/// <param name="ExampleId">Its id.</param>
/// <param name="Verdict">One of <see cref="TaughtVerdict"/>.</param>
/// <param name="Candidate">Its row for the new version.</param>
/// <param name="Active">Its row for the version that was in service.</param>
internal sealed record TaughtExample(string ExampleId, string Verdict, MeasuredRow Candidate, MeasuredRow Active)
{
    /// <summary>What it should say; null where that is no text.</summary>
    public string? Wanted { get; init; }

    /// <summary>The verdict of the version in service on the same text; null where it was taught something else.</summary>
    public string? VerdictBefore { get; init; }
}

/// <summary>Whether a version says what it was taught.</summary>
internal static class TaughtVerdict
{
    public const string Learned = "learned";
    public const string Partly = "partly";
    public const string NotLearned = "not_learned";

    /// <summary>What counts of it.</summary>
    public static double Score(string verdict) => verdict switch { Learned => 1, Partly => 0.5, _ => 0 };
}

/// <summary>How many of the examples asked a version says as it was taught.</summary>
/// <param name="Of">Taught; of many, a part is asked.</param>
/// <param name="Asked">Examples asked.</param>
/// <param name="Learned">Of these.</param>
/// <param name="Partly">Of these.</param>
/// <param name="NotLearned">Of these.</param>
internal sealed record TaughtCount(int Of, int Asked, int Learned, int Partly, int NotLearned)
{
    public static TaughtCount Count(IReadOnlyCollection<TaughtExample> taught, int of) => new(
        of, taught.Count, Number(taught, TaughtVerdict.Learned), Number(taught, TaughtVerdict.Partly), Number(taught, TaughtVerdict.NotLearned));

    private static int Number(IEnumerable<TaughtExample> taught, string verdict) => taught.Count(t => t.Verdict == verdict);
}
