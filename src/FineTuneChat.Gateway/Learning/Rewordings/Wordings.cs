namespace FineTuneChat.Gateway.Learning.Rewordings;

/// <summary>The other wordings of a run's questions.</summary>
/// <param name="Learned">By example: those in which it is to be learned, too.</param>
/// <param name="HeldOut">By example: one that is not, so that the version can be asked in words that it was not taught.</param>
internal sealed record Wordings(ILookup<string, string> Learned, IReadOnlyDictionary<string, string> HeldOut)
{
    /// <summary>Where nothing is asked in other words.</summary>
    public static Wordings None { get; } = new(Enumerable.Empty<string>().ToLookup(id => id), new Dictionary<string, string>());
}
