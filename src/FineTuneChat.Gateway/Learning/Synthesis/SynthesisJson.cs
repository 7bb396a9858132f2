using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>JSON of rows from documents.</summary>
[JsonSerializable(typeof(ListPage<SynthesisJob>))]
[JsonSerializable(typeof(ListPage<SyntheticRow>))]
[JsonSerializable(typeof(SynthesisRequest))]
[JsonSerializable(typeof(RowChange))]
[JsonSerializable(typeof(RowImportRequest))]
[JsonSerializable(typeof(RowsChanged))]
[JsonSerializable(typeof(WrittenRows))]
[JsonSerializable(typeof(Removed))]
internal sealed partial class SynthesisJson : JsonSerializerContext
{
    public static SynthesisJson Wire { get; } = new(ApiJson.Options());
}
