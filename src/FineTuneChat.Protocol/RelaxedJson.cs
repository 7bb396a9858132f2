using System.Text.Encodings.Web;
using System.Text.Json;

namespace FineTuneChat.Protocol;

/// <summary>Options that write non-ASCII text as it is: this is JSON, never HTML.</summary>
internal static class RelaxedJson
{
    public static JsonSerializerOptions Options { get; } = Like(JsonSerializerOptions.Default);

    public static JsonSerializerOptions Like(JsonSerializerOptions options) => new(options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
