using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FineTuneChat.Protocol;

/// <summary>JSON of <c>/api</c>: snake_case; fields that have no value are null, not absent; a key given twice is refused.</summary>
internal static class ApiJson
{
    /// <summary>For a feature's own source-generated context. Non-ASCII text is written as it is: this is JSON, never HTML.</summary>
    public static JsonSerializerOptions Options() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowDuplicateProperties = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A value as the whole answer.</summary>
    public static JsonAnswer<T> Result<T>(T value, JsonTypeInfo<T> type) => new(value, type);
}
