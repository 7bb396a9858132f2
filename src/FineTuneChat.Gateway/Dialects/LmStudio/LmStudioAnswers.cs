using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Dialects.LmStudio;

/// <summary>The answer of <c>/api/v0/models</c>.</summary>
internal sealed record LmModelList(IReadOnlyList<LmModel> Data)
{
    public string Object => "list";
}

internal sealed record LmModel
{
    public required string Id { get; init; }
    public string Object => "model";
    [AllowedValues("llm", "embeddings")] public required string Type { get; init; }
    public string Publisher => "finetunechat";
    public required string Arch { get; init; }
    public string CompatibilityType => "gguf";
    public required string Quantization { get; init; }
    [AllowedValues("loaded", "not-loaded")] public required string State { get; init; }
    public required int MaxContextLength { get; init; }
    public int? LoadedContextLength { get; init; }
    public required IReadOnlyList<string> Capabilities { get; init; }
}

/// <summary>The answer of <c>/api/v1/models</c>.</summary>
internal sealed record LmModelList1(IReadOnlyList<LmModel1> Models);

internal sealed record LmModel1
{
    [AllowedValues("llm", "embedding")] public required string Type { get; init; }
    public string Publisher => "finetunechat";
    public required string Key { get; init; }
    public required string DisplayName { get; init; }
    public required string Architecture { get; init; }
    public required LmQuantization Quantization { get; init; }
    public required long SizeBytes { get; init; }
    public required string ParamsString { get; init; }
    public required IReadOnlyList<LmInstance> LoadedInstances { get; init; }
    public required int MaxContextLength { get; init; }
    public string Format => "gguf";
    public required LmCapabilities Capabilities { get; init; }
}

internal sealed record LmQuantization(string Name, double BitsPerWeight);

internal sealed record LmInstance(string Id, LmInstanceConfig Config);

internal sealed record LmInstanceConfig(int ContextLength);

internal sealed record LmCapabilities(bool Vision, bool TrainedForToolUse);

/// <summary>How fast a reply was, and why it ended: what LM Studio adds to OpenAI's answers.</summary>
internal sealed record LmStats
{
    public required double TokensPerSecond { get; init; }
    public required double TimeToFirstToken { get; init; } // seconds
    public required double GenerationTime { get; init; } // seconds
    [AllowedValues("eosFound", "maxPredictedTokensReached", "toolCalls")] public required string StopReason { get; init; }
}

internal sealed record LmModelInfo
{
    public required string Arch { get; init; }
    public required string Quant { get; init; }
    public string Format => "gguf";
    public required int ContextLength { get; init; }
}

/// <summary>JSON of LM Studio's API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LmModelList))]
[JsonSerializable(typeof(LmModelList1))]
[JsonSerializable(typeof(LmModel))]
[JsonSerializable(typeof(LmStats))]
[JsonSerializable(typeof(LmModelInfo))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
internal sealed partial class LmStudioJson : JsonSerializerContext
{
    /// <summary>Non-ASCII text is written as it is: this is JSON, never HTML.</summary>
    public static LmStudioJson Wire => field ??= new(RelaxedJson.Like(Default.Options));
}
