using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>JSON of Ollama's API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(OllamaChatRequest))]
[JsonSerializable(typeof(OllamaGenerateRequest))]
[JsonSerializable(typeof(OllamaEmbedRequest))]
[JsonSerializable(typeof(OllamaModelRequest))]
[JsonSerializable(typeof(OllamaCopyRequest))]
[JsonSerializable(typeof(OllamaCreateRequest))]
[JsonSerializable(typeof(OllamaReply))]
[JsonSerializable(typeof(OllamaEmbeddings))]
[JsonSerializable(typeof(OllamaEmbedding))]
[JsonSerializable(typeof(OllamaVersion))]
[JsonSerializable(typeof(OllamaModelList))]
[JsonSerializable(typeof(OllamaModelInfo))]
[JsonSerializable(typeof(OllamaStatus))]
[JsonSerializable(typeof(OllamaErrorBody))]
internal sealed partial class OllamaJson : JsonSerializerContext
{
    /// <summary>Non-ASCII text is written as it is: this is JSON, never HTML.</summary>
    public static OllamaJson Wire => field ??= new(RelaxedJson.Like(Default.Options));
}
