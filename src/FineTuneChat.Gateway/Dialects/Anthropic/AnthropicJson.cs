using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Dialects.Anthropic;

/// <summary>JSON of Anthropic's Messages API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(MessagesRequest))]
[JsonSerializable(typeof(InputBlock[]))]
[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(MessageEvent))]
[JsonSerializable(typeof(MessageTokens))]
[JsonSerializable(typeof(AnthropicErrorBody))]
internal sealed partial class AnthropicJson : JsonSerializerContext
{
    /// <summary>Non-ASCII text is written as it is: this is JSON, never HTML.</summary>
    public static AnthropicJson Wire => field ??= new(RelaxedJson.Like(Default.Options));
}
