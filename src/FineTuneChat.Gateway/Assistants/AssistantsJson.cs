using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Assistants;

/// <summary>JSON of assistants.</summary>
[JsonSerializable(typeof(AssistantErased))]
[JsonSerializable(typeof(AssistantHead))]
[JsonSerializable(typeof(AssistantRequest))]
[JsonSerializable(typeof(ListPage<AssistantView>))]
[JsonSerializable(typeof(AssistantView))]
internal sealed partial class AssistantsJson : JsonSerializerContext
{
    public static AssistantsJson Wire { get; } = new(ApiJson.Options());
}
