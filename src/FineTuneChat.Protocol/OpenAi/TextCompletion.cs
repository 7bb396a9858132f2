using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>What <c>POST /v1/completions</c> answers; an event of its stream has the same shape.</summary>
internal sealed record TextCompletion
{
    public required string Id { get; init; } // "cmpl-…"
    public string Object { get; init; } = "text_completion";
    public required long Created { get; init; } // Unix seconds
    public required string Model { get; init; }
    public required IReadOnlyList<TextChoice> Choices { get; init; }

    /// <summary>Streamed: absent unless <c>stream_options.include_usage</c>; then null on all but the last event.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault), WireType(typeof(Usage), OrNull = true)] public StreamUsage Usage { get; init; }
    public string? SystemFingerprint { get; init; }
    public Timings? Timings { get; init; }
}

internal sealed record TextChoice
{
    public required string Text { get; init; }
    public required int Index { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public CompletionLogprobs? Logprobs { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required string? FinishReason { get; init; }
}

/// <summary>Four lists of the same length, one entry per token.</summary>
internal sealed record CompletionLogprobs
{
    public required IReadOnlyList<string> Tokens { get; init; }
    public required IReadOnlyList<double> TokenLogprobs { get; init; }
    public required IReadOnlyList<Dictionary<string, double>> TopLogprobs { get; init; }
    public required IReadOnlyList<int> TextOffset { get; init; } // characters before the token
}
