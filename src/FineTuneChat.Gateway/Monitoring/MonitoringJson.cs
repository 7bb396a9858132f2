using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Monitoring;

/// <summary>JSON of the log.</summary>
[JsonSerializable(typeof(ListPage<LogLine>))]
internal sealed partial class MonitoringJson : JsonSerializerContext
{
    public static MonitoringJson Wire { get; } = new(ApiJson.Options());
}
