using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Log.Transfer;

/// <summary>JSON of files of conversations.</summary>
[JsonSerializable(typeof(ExportedConversation))]
[JsonSerializable(typeof(ConversationImportReport))]
[JsonSerializable(typeof(ConversationUpload))]
internal sealed partial class TransferJson : JsonSerializerContext
{
    public static TransferJson Wire { get; } = new(ApiJson.Options());
}
