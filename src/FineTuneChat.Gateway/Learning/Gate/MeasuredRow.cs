namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>What <c>evaluate --rows</c> found on one conversation.</summary>
/// <param name="Row">Its place in the file, from 1.</param>
/// <param name="Loss">Nats per token of the reply.</param>
/// <param name="Tokens">Tokens of the reply, the end of the turn included.</param>
/// <param name="Hits">Those that were predicted as the most probable, each after the right ones before it.</param>
/// <param name="Begun">Whether the first one was.</param>
/// <param name="Ended">Whether the last one was, the end of the turn.</param>
/// <param name="Whole">Whether all were.</param>
internal sealed record MeasuredRow(int Row, double Loss, int Tokens, int Hits, bool Begun, bool Ended, bool Whole)
{
    /// <summary>Share of the tokens that were predicted as the most probable.</summary>
    public double Accuracy => (double)Hits / Math.Max(1, Tokens);

    /// <summary>What the model itself writes; null where it was not asked.</summary>
    public WrittenRow? Written { get; init; }
}

/// <summary>What a model answers by itself.</summary>
/// <param name="Measure">By what it is judged: <see cref="WrittenMeasure"/>.</param>
/// <param name="Text">The most probable reply.</param>
/// <param name="Right">Whether that says what is expected.</param>
/// <param name="Ended">Whether the model ended it itself.</param>
/// <param name="Tokens">Its length.</param>
/// <param name="ExpectedTokens">Length of the expected reply.</param>
/// <param name="Draws">Further replies, chosen by probability as served.</param>
/// <param name="RightDraws">How many of them are right.</param>
internal sealed record WrittenRow(
    string Measure, string Text, bool Right, bool Ended, int Tokens, int ExpectedTokens, int Draws, int RightDraws)
{
    /// <summary>The first of the draws that is wrong; null when none is.</summary>
    public string? Otherwise { get; init; }

    /// <summary>Whether the most probable reply is JSON; null where it need not be.</summary>
    public bool? ValidJson { get; init; }
}

/// <summary>The same conversation, measured with several models.</summary>
/// <param name="Candidate">The exported file that wants to serve.</param>
/// <param name="Base">The model that all versions come from.</param>
internal sealed record ComparedRow(MeasuredRow Candidate, MeasuredRow Base)
{
    /// <summary>The version in service, where it was measured.</summary>
    public MeasuredRow? Active { get; init; }

    /// <summary>Rows that were measured with candidate and base. The models have one tokeniser and leave the same ones out.</summary>
    public static IReadOnlyList<ComparedRow> Pair(IReadOnlyList<MeasuredRow> candidate, IReadOnlyList<MeasuredRow> ofBase, IReadOnlyList<MeasuredRow> active)
    {
        Dictionary<int, MeasuredRow> known = active.ToDictionary(r => r.Row);
        return
        [
            .. candidate.Join(ofBase, row => row.Row, row => row.Row, (row, other) =>
                new ComparedRow(row, other) { Active = known.GetValueOrDefault(row.Row) }),
        ];
    }
}

/// <summary>By what a written reply is judged, as <c>evaluate</c> names it.</summary>
internal static class WrittenMeasure
{
    public const string Text = "text";
    public const string Json = "json";

    /// <summary>Long prose, calls, replies after reasoning: nobody expects them letter for letter, so what counts is how well they are predicted.</summary>
    public const string Prediction = "prediction";
}
