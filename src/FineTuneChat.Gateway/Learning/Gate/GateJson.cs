using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>JSON of measurements and verdicts.</summary>
[JsonSerializable(typeof(MeasuredRow))]
[JsonSerializable(typeof(GateVerdict))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, GateFigure>))]
internal sealed partial class GateJson : JsonSerializerContext
{
    public static GateJson Wire { get; } = new(ApiJson.Options());
}
