using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>JSON of trainers elsewhere.</summary>
[JsonSerializable(typeof(BundleFile))]
[JsonSerializable(typeof(CommandMark))]
[JsonSerializable(typeof(FarJob))]
[JsonSerializable(typeof(ForeignReport))]
internal sealed partial class TrainersJson : JsonSerializerContext
{
    public static TrainersJson Wire { get; } = new(ApiJson.Options());

    /// <summary>Without what is not given: for metadata, which has little room.</summary>
    public static TrainersJson Short { get; } = new(new(ApiJson.Options()) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });
}
