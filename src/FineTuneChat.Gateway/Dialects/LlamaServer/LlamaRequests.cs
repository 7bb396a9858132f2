using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.LlamaServer;

/// <summary>The body of <c>POST /completion</c>. Names of sampling are OpenAI's and llama-server's; what is not known is ignored. Null = not given.</summary>
internal record LlamaCompletionRequest : SamplingRequest
{
    /// <summary>A string or token ids.</summary>
    [WireType(typeof(string), typeof(int[]))] public JsonElement? Prompt { get; init; }
    public int? NPredict { get; init; } // below 0: no limit

    // What would bind the reply, and cannot be kept here: refused.
    [WireType(typeof(string))] public JsonElement? Grammar { get; init; }
    [WireType(typeof(object))] public JsonElement? JsonSchema { get; init; }
}

/// <summary>The body of <c>POST /infill</c>: the model fills the gap between two texts.</summary>
internal sealed record LlamaInfillRequest : LlamaCompletionRequest
{
    public string? InputPrefix { get; init; }
    public string? InputSuffix { get; init; }
    public IReadOnlyList<LlamaExtra>? InputExtra { get; init; }
}

/// <summary>Another file, for context.</summary>
internal sealed record LlamaExtra(string? Filename, string? Text);
