using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary>The rows of messages that a transaction has written, by the very object: each stands at one place of one conversation.</summary>
internal sealed class StoredMessages
{
    private readonly Dictionary<RequestMessage, (long Id, byte[] Hash)> _rows = new(ReferenceEqualityComparer.Instance);

    public (long Id, byte[] Hash)? Find(RequestMessage message) => _rows.TryGetValue(message, out (long, byte[]) row) ? row : null;

    public void Add(RequestMessage message, long id, byte[] hash) => _rows[message] = (id, hash);
}
