using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>JSON of OpenAI's Responses API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ResponsesRequest))]
[JsonSerializable(typeof(InputItem[]))]
[JsonSerializable(typeof(InputPart[]))]
[JsonSerializable(typeof(Response))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(Removed))]
internal sealed partial class ResponsesJson : JsonSerializerContext
{
    /// <summary>Non-ASCII text is written as it is: this is JSON, never HTML.</summary>
    public static ResponsesJson Wire => field ??= new(RelaxedJson.Like(Default.Options));
}
