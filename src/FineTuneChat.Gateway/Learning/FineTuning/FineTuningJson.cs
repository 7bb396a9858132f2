using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>JSON of files and fine-tuning jobs.</summary>
[JsonSerializable(typeof(ListPage<UploadedFile>))]
[JsonSerializable(typeof(ListPage<FineTuningJob>))]
[JsonSerializable(typeof(ListPage<JobEvent>))]
[JsonSerializable(typeof(ListPage<JobCheckpoint>))]
[JsonSerializable(typeof(JobRequest))]
[JsonSerializable(typeof(Removed))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class FineTuningJson : JsonSerializerContext
{
    public static FineTuningJson Wire { get; } = new(ApiJson.Options());
}
