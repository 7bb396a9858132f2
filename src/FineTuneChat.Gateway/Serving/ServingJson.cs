using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Serving;

/// <summary>JSON of the engine's state.</summary>
[JsonSerializable(typeof(HealthState))]
[JsonSerializable(typeof(EngineStateChange))]
internal sealed partial class ServingJson : JsonSerializerContext
{
    public static ServingJson Wire { get; } = new(ApiJson.Options());
}
