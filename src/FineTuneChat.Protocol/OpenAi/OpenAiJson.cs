using System.Text.Json.Serialization;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>Source-generated (de)serialisation of the wire types: snake_case, optional fields absent, a key given twice refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(TextCompletionRequest))]
[JsonSerializable(typeof(TextCompletion))]
[JsonSerializable(typeof(EmbeddingRequest))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelObject))]
[JsonSerializable(typeof(IReadOnlyList<DocumentSource>))]
[JsonSerializable(typeof(IReadOnlyList<FileCitation>))]
[JsonSerializable(typeof(OpenAiErrorBody))]
internal sealed partial class OpenAiJson : JsonSerializerContext
{
    /// <summary>What is sent: non-ASCII text as it is (this is JSON, never HTML).</summary>
    public static OpenAiJson Wire => field ??= new(RelaxedJson.Like(Default.Options));
}
