namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>The exported candidate, measured beside the base and the version in service.</summary>
internal sealed record GateInput
{
    /// <summary>Examples that the candidate was taught, asked as it will be served.</summary>
    public required IReadOnlyList<TaughtExample> Taught { get; init; }

    /// <summary>How many it was taught in all.</summary>
    public required int TaughtInAll { get; init; }

    /// <summary>Accepted examples that it was not trained on; none where there were too few to hold any out.</summary>
    public required IReadOnlyList<ComparedRow> HeldOut { get; init; }

    /// <summary>How it answers questions in words that it was not taught; null where none were asked. No rule looks at it.</summary>
    public MemoryComparison? Memory { get; init; }

    /// <summary>Replies that were rated down, asked for.</summary>
    public IReadOnlyList<ComparedRow> Unwanted { get; init; } = [];

    /// <summary>General questions with the base's own replies.</summary>
    public required IReadOnlyList<ComparedRow> General { get; init; }

    /// <summary>What no rule looks at: its figures stand in the version's record.</summary>
    public IReadOnlyList<ComparedRow> Test { get; init; } = [];

    /// <summary>Figures of the version in service when it was made; empty for the base.</summary>
    public IReadOnlyDictionary<string, GateFigure> ActiveFigures { get; init; } = new Dictionary<string, GateFigure>();
}

/// <summary>The decision with its reasons in words, and the figures behind it.</summary>
internal sealed record GateVerdict
{
    public required bool Accepted { get; init; }

    /// <summary>Examples are named by their ids alone here: texts that may be erased are looked up when it is read (<see cref="ExampleNames"/>).</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Of each reason; none in verdicts of older programs.</summary>
    public IReadOnlyList<ReasonCode> ReasonCodes { get; init; } = [];

    /// <summary>How many of the taught examples it says; null in verdicts of older programs.</summary>
    public TaughtCount? Taught { get; init; }

    /// <summary>How it answers questions in words that it was not taught; null where none were asked.</summary>
    public MemoryComparison? Memory { get; init; }

    /// <summary>By name; compared ones hold several values.</summary>
    public required IReadOnlyDictionary<string, GateFigure> Figures { get; init; }
}

/// <summary>One figure of the candidate, of the version that was in service, and of the base, as far as they are known.</summary>
internal sealed record GateFigure(double Candidate, double? Active, double? Base = null);
