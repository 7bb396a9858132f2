using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Documents.Chat;
using FineTuneChat.Gateway.Documents.Search;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Documents;

/// <summary>JSON of vector stores and passages.</summary>
[JsonSerializable(typeof(ListPage<VectorStore>))]
[JsonSerializable(typeof(ListPage<VectorStoreFile>))]
[JsonSerializable(typeof(VectorStoreRequest))]
[JsonSerializable(typeof(VectorStoreFileRequest))]
[JsonSerializable(typeof(SearchRequest))]
[JsonSerializable(typeof(SearchPage))]
[JsonSerializable(typeof(FileContentPage))]
[JsonSerializable(typeof(PassageView))]
[JsonSerializable(typeof(AttributeFilter))]
[JsonSerializable(typeof(Removed))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(long[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(RerankRequest))]
[JsonSerializable(typeof(RerankAnswer))]
internal sealed partial class DocumentsJson : JsonSerializerContext
{
    public static DocumentsJson Wire { get; } = new(ApiJson.Options());
}
