using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>JSON of runs.</summary>
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(TrainingChange))]
[JsonSerializable(typeof(StartRequest))]
[JsonSerializable(typeof(ListPage<Run>))]
[JsonSerializable(typeof(Run))]
[JsonSerializable(typeof(RunProgress))]
[JsonSerializable(typeof(RunOptions))]
[JsonSerializable(typeof(TokenizeRequest))]
[JsonSerializable(typeof(TokenList))]
internal sealed partial class RunsJson : JsonSerializerContext
{
    public static RunsJson Wire { get; } = new(ApiJson.Options());
}
