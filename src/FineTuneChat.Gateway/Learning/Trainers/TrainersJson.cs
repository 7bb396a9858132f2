using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>JSON of trainers elsewhere.</summary>
[JsonSerializable(typeof(BundleFile))]
[JsonSerializable(typeof(CommandMark))]
[JsonSerializable(typeof(ForeignReport))]
internal sealed partial class TrainersJson : JsonSerializerContext
{
    public static TrainersJson Wire { get; } = new(ApiJson.Options());
}
