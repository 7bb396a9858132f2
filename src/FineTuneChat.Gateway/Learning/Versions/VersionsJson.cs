using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary>JSON of versions.</summary>
[JsonSerializable(typeof(ListPage<ModelVersion>))]
[JsonSerializable(typeof(ListPage<VersionExample>))]
[JsonSerializable(typeof(ModelVersion))]
[JsonSerializable(typeof(VersionReport))]
internal sealed partial class VersionsJson : JsonSerializerContext
{
    public static VersionsJson Wire { get; } = new(ApiJson.Options());
}
