using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Log.Presets;

/// <summary>JSON of presets.</summary>
[JsonSerializable(typeof(ListPage<Preset>))]
[JsonSerializable(typeof(Preset))]
[JsonSerializable(typeof(PresetRequest))]
[JsonSerializable(typeof(Removed))]
internal sealed partial class PresetsJson : JsonSerializerContext
{
    public static PresetsJson Wire { get; } = new(ApiJson.Options());
}
