using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>JSON of what was erased.</summary>
[JsonSerializable(typeof(Erased))]
[JsonSerializable(typeof(ErasedConversations))]
[JsonSerializable(typeof(ErasureCertificate))]
[JsonSerializable(typeof(ListPage<ErasureCertificate>))]
[JsonSerializable(typeof(IReadOnlyList<TextFingerprint>))]
internal sealed partial class ErasureJson : JsonSerializerContext
{
    public static ErasureJson Wire { get; } = new(ApiJson.Options());

    /// <summary>Of the files.</summary>
    public static ErasureJson Indented { get; } = new(new JsonSerializerOptions(ApiJson.Options()) { WriteIndented = true });
}
