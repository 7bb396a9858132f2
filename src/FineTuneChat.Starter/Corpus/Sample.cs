namespace FineTuneChat.Starter.Corpus;

/// <summary>A question and its canonical answer.</summary>
internal sealed record Exchange(string User, string Answer)
{
    /// <summary>False where the answer is anybody's: it is what the next one relies on, and nothing that could be foreseen.</summary>
    public bool IsLearned { get; init; } = true;
}

/// <summary>What a skill draws: usually one exchange, more when earlier turns hold what the last one asks for.</summary>
/// <param name="Key">The combination that is put aside for the exam or trained on as a whole; null when it is always trained on.</param>
/// <param name="System">Facts that the exchanges rely on, or null.</param>
/// <param name="Exchanges">The last one is the one that an exam asks.</param>
internal sealed record Sample(string? Key, string? System, IReadOnlyList<Exchange> Exchanges)
{
    public Sample(string? key, string user, string answer) : this(key, null, [new Exchange(user, answer)])
    {
    }
}
