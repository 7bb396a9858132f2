using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Log.Prompts;

/// <summary>JSON of prompts.</summary>
[JsonSerializable(typeof(ListPage<Prompt>))]
[JsonSerializable(typeof(Prompt))]
[JsonSerializable(typeof(PromptRequest))]
[JsonSerializable(typeof(Removed))]
internal sealed partial class PromptsJson : JsonSerializerContext
{
    public static PromptsJson Wire { get; } = new(ApiJson.Options());
}
