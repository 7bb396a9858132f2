using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>JSON of what was erased.</summary>
[JsonSerializable(typeof(Erased))]
internal sealed partial class ErasureJson : JsonSerializerContext
{
    public static ErasureJson Wire { get; } = new(ApiJson.Options());
}
