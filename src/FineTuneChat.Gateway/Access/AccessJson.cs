using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Access;

/// <summary>JSON of API keys.</summary>
[JsonSerializable(typeof(ListPage<ApiKey>))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(ApiKeyRequest))]
[JsonSerializable(typeof(CallerAccess))]
internal sealed partial class AccessJson : JsonSerializerContext
{
    public static AccessJson Wire { get; } = new(ApiJson.Options());
}
