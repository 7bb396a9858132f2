using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Storage;

/// <summary>JSON columns as the database keeps them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RequestMessage[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class StoredJson : JsonSerializerContext
{
    public static JsonTypeInfo<RequestMessage[]> Messages => field ??= new StoredJson(RelaxedJson.Like(Default.Options)).RequestMessageArray;

    /// <summary>The texts of an array; NULL: none.</summary>
    public static string[] Texts(string? json) => json is null ? [] : JsonSerializer.Deserialize(json, Default.StringArray)!;

    /// <summary>An array of texts, also for SQL's <c>json_each</c>.</summary>
    public static string Array(IEnumerable<string> texts) => JsonSerializer.Serialize([.. texts], Default.StringArray);

    /// <summary>The same for a column that is NULL where there is none.</summary>
    public static string? ArrayOrNull(IReadOnlyCollection<string>? texts) => texts is { Count: > 0 } ? Array(texts) : null;

    /// <summary>A request's metadata.</summary>
    public static string? Of(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is null ? null : JsonSerializer.Serialize(metadata, Default.IReadOnlyDictionaryStringString);
}
