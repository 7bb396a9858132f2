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

    /// <summary>An array of texts; NULL: none.</summary>
    public static string[] Texts(string? json) => json is null ? [] : JsonSerializer.Deserialize(json, Default.StringArray)!;

    /// <summary>The column of some texts: NULL for none.</summary>
    public static string? Of(IReadOnlyCollection<string> texts) => texts.Count == 0 ? null : JsonSerializer.Serialize([.. texts], Default.StringArray);

    /// <summary>A request's metadata.</summary>
    public static string? Of(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is null ? null : JsonSerializer.Serialize(metadata, Default.IReadOnlyDictionaryStringString);

    /// <summary>A list of ids, also for SQL's <c>json_each</c>.</summary>
    public static string Of(IEnumerable<string> ids) => JsonSerializer.Serialize([.. ids], Default.StringArray);

    /// <summary>The ids of such a list.</summary>
    public static IReadOnlyList<string> Ids(string json) => JsonSerializer.Deserialize(json, Default.StringArray)!;
}
