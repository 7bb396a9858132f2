using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.LlamaServer;

/// <summary>The answer of <c>/completion</c> and <c>/infill</c>, or an event of a streamed one; the counts are on the last.</summary>
internal sealed record LlamaCompletion
{
    public int Index => 0;
    public required string Content { get; init; }
    public required string Model { get; init; }
    [JsonPropertyName("stop")] public required bool IsLast { get; init; }
    [AllowedValues("eos", "limit")] public string? StopType { get; init; }
    public int? TokensPredicted { get; init; }
    public int? TokensEvaluated { get; init; }
    public int? TokensCached { get; init; }
    [JsonPropertyName("truncated")] public bool? IsTruncated { get; init; }
    public Timings? Timings { get; init; }
}

/// <summary>A place for a reply that is being written.</summary>
internal sealed record LlamaSlot(int Id, int NCtx, [property: JsonPropertyName("is_processing")] bool IsBusy);

/// <summary>The adapter that is served beside the base.</summary>
internal sealed record LlamaAdapter(int Id, string Path, double Scale);

/// <summary>JSON of llama-server's own routes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(LlamaCompletionRequest))]
[JsonSerializable(typeof(LlamaInfillRequest))]
[JsonSerializable(typeof(RerankRequest))]
[JsonSerializable(typeof(LlamaCompletion))]
[JsonSerializable(typeof(IReadOnlyList<LlamaSlot>))]
[JsonSerializable(typeof(IReadOnlyList<LlamaAdapter>))]
[JsonSerializable(typeof(RerankAnswer))]
internal sealed partial class LlamaJson : JsonSerializerContext
{
    /// <summary>Non-ASCII text is written as it is: this is JSON, never HTML.</summary>
    public static LlamaJson Wire => field ??= new(RelaxedJson.Like(Default.Options));
}
