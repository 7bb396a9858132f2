using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Log;

/// <summary>JSON of the history.</summary>
[JsonSerializable(typeof(ListPage<ConversationSummary>))]
[JsonSerializable(typeof(Conversation))]
[JsonSerializable(typeof(ConversationChange))]
[JsonSerializable(typeof(ConversationNews))]
[JsonSerializable(typeof(ListPage<ConversationTag>))]
internal sealed partial class LogJson : JsonSerializerContext
{
    public static LogJson Wire { get; } = new(ApiJson.Options());
}
