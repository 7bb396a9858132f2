using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Tools.Servers;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Tools;

/// <summary>JSON of tools.</summary>
[JsonSerializable(typeof(ToolServerRequest))]
[JsonSerializable(typeof(ToolServerView))]
[JsonSerializable(typeof(ListPage<ToolServerView>))]
[JsonSerializable(typeof(ListPage<ServerTools>))]
[JsonSerializable(typeof(ToolCallRequest))]
[JsonSerializable(typeof(ToolResult))]
[JsonSerializable(typeof(IDictionary<string, JsonElement>))]
[JsonSerializable(typeof(Removed))]
internal sealed partial class ToolsJson : JsonSerializerContext
{
    public static ToolsJson Wire { get; } = new(ApiJson.Options());
}
