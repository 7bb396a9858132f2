using System.Security.Cryptography;
using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary>Identity of a message together with everything before it: a hash chain. Equal paths are the same place in a conversation.</summary>
internal static class MessagePath
{
    /// <summary>The hashes of all messages, each over its predecessor's hash; of those in <paramref name="stored"/> the ones that they have.</summary>
    public static byte[][] Of(IReadOnlyList<RequestMessage> messages, StoredMessages? stored = null)
    {
        var path = new byte[messages.Count][];
        for (int i = 0; i < path.Length; i++)
            path[i] = stored?.Find(messages[i])?.Hash ?? Extend(i == 0 ? [] : path[i - 1], messages[i]);
        return path;
    }

    public static byte[] Extend(byte[] parent, RequestMessage message) =>
        SHA256.HashData([.. parent, .. JsonSerializer.SerializeToUtf8Bytes(Identity(message), OpenAiJson.Wire.RequestMessage)]);

    /// <summary>What makes a message the same when a client sends it back: clients drop reasoning, and trim replies.</summary>
    private static RequestMessage Identity(RequestMessage message) => message with
    {
        Content = message.Role == "assistant" ? message.Content?.Trim() : message.Content,
        ReasoningContent = null,
        Refusal = null,
    };
}
