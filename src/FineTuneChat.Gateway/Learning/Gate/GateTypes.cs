namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>What <c>evaluate</c> found on one dataset.</summary>
/// <param name="Loss">Nats per completion token.</param>
/// <param name="TokenAccuracy">Share of tokens predicted as the most probable.</param>
/// <param name="Tokens">Tokens measured; 0: there was nothing to measure on.</param>
/// <param name="OpeningAccuracy">Share of replies that begin as expected.</param>
/// <param name="ReplyAccuracy">Share of replies that are, letter for letter, what is expected.</param>
/// <param name="StopRate">Share of replies that end where expected.</param>
internal sealed record Measure(double Loss, double TokenAccuracy, long Tokens, double OpeningAccuracy, double ReplyAccuracy, double StopRate)
{
    /// <summary>Some of the replies, as the model itself writes them; null where none was asked for.</summary>
    public WrittenReplies? Generated { get; init; }
}

/// <summary>What <c>evaluate --generate</c> found.</summary>
/// <param name="Replies">How many were written; 0: none was short enough.</param>
/// <param name="StopRate">Share that the model ended itself.</param>
/// <param name="Length">Mean tokens of a written reply.</param>
/// <param name="ExpectedLength">Mean tokens of the replies that were expected.</param>
/// <param name="JsonShare">Share of the expected replies that are JSON.</param>
/// <param name="ValidJson">Of those: share that is JSON as written, too; null where none should be.</param>
internal sealed record WrittenReplies(int Replies, double StopRate, double Length, double ExpectedLength, double JsonShare, double? ValidJson)
{
    /// <summary>How long the replies are, in lengths of the expected ones.</summary>
    public double RelativeLength => Length / Math.Max(1, ExpectedLength);
}

/// <summary>The exported candidate and the version in service, measured on the same data.</summary>
internal sealed record GateInput
{
    public required Measure CandidateLearning { get; init; }
    public required Measure ActiveLearning { get; init; }

    /// <summary>False where there were too few examples to hold any out: then the trained ones themselves are measured.</summary>
    public required bool IsHeldOut { get; init; }
    public required Measure CandidateRegression { get; init; }
    public required Measure ActiveRegression { get; init; }
}

/// <summary>The decision with its reasons in words, and the figures behind it.</summary>
internal sealed record GateVerdict
{
    public required bool Accepted { get; init; }
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Of each reason; none in verdicts of older programs.</summary>
    public IReadOnlyList<ReasonCode> ReasonCodes { get; init; } = [];

    /// <summary>By name; compared ones hold both values.</summary>
    public required IReadOnlyDictionary<string, GateFigure> Figures { get; init; }
}

/// <summary>One figure of the candidate and of the version that was in service.</summary>
internal sealed record GateFigure(double Candidate, double Active);
