using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>JSON of examples and imports.</summary>
[JsonSerializable(typeof(ListPage<DatasetItem>))]
[JsonSerializable(typeof(DatasetItem))]
[JsonSerializable(typeof(DatasetChange))]
[JsonSerializable(typeof(ImportRequest))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(ListPage<ImportSummary>))]
[JsonSerializable(typeof(ImportSummary))]
[JsonSerializable(typeof(ImportChange))]
internal sealed partial class ExamplesJson : JsonSerializerContext
{
    public static ExamplesJson Wire { get; } = new(ApiJson.Options());
}
