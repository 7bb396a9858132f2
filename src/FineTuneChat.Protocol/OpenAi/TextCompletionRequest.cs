using System.Text.Json;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>The body of <c>POST /v1/completions</c>: the text goes on as the model sees fit, no chat template is used. Null = not given.</summary>
internal sealed record TextCompletionRequest : SamplingRequest
{
    /// <summary>A string, an array of strings, token ids, or an array of token ids.</summary>
    [WireType(typeof(string), typeof(string[]), typeof(int[]), typeof(int[][]))] public JsonElement? Prompt { get; init; }
    public string? Suffix { get; init; }
    public bool? Echo { get; init; }
    public int? Logprobs { get; init; } // how many of the likeliest at each place
    public int? BestOf { get; init; }
}
