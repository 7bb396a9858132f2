using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Chats;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log.Transfer;

/// <summary>
/// Chats that another program has exported, packed or not, as conversations that can be written. What they are, the readers of datasets know.
/// </summary>
internal static class ForeignChats
{
    /// <summary>Whether a file of JSON is such an export.</summary>
    public static bool Knows(JsonElement file)
    {
        JsonElement first = file.ValueKind == JsonValueKind.Array ? file.EnumerateArray().FirstOrDefault() : file;
        return ChatHead.Of(first) is { Program: not ChatHead.Own };
    }

    /// <summary>Of each chat the conversation, or why it is none.</summary>
    /// <exception cref="OpenAiException">400: it is no such file, or larger than is allowed.</exception>
    public static IEnumerable<ConversationRead> Read(byte[] file, string name, DatasetLimits limits, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(file, writable: false);
        using IEnumerator<DatasetRow> rows = ConversationReader.Read(stream, limits, name, cancellation: cancellation).GetEnumerator();
        for (int index = 0; MoveNext(rows) || index == 0; index++)
        {
            DatasetRow? row = rows.Current;
            if (index == 0 && row?.Chat is null) // a table, a text, rows of examples: none of it is a chat
                throw None(row?.Error is { } error ? $"Its first entry: {error}." : "");
            if (index >= limits.Chats)
                throw OpenAiException.InvalidRequest(
                    $"The file holds more than the {limits.Chats:N0} conversations that are imported at once. Split it.", code: "too_many_conversations");
            yield return row!.Conversation is null || row.Chat is null
                ? new(index, Conversation: null, row.Error ?? $"it is no chat of {string.Join(", ", ChatHead.Programs)}")
                : ConversationFile.Read(index, Exported(row.Conversation, row.Chat), limits);
        }
    }

    private static ExportedConversation Exported(Datasets.Conversation conversation, ChatHead head) => new()
    {
        Id = head.Id,
        Title = head.Title,
        CreatedAt = head.CreatedAt,
        UpdatedAt = head.UpdatedAt,
        Messages = [.. conversation.Messages.Select(m => new ExportedMessage
        {
            Role = m.Role.Name(),
            Content = m.Content,
            ReasoningContent = m.Reasoning,
            Model = head.Program,
            CreatedAt = head.CreatedAt,
        })],
    };

    private static bool MoveNext(IEnumerator<DatasetRow> rows)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (Exception e) when (e is InvalidDataException or Datasets.Reports.DatasetQuestionException)
        {
            throw None(e.Message);
        }
    }

    private static OpenAiException None(string why) => OpenAiException.InvalidRequest(
        $"The file holds no conversations of {string.Join(", ", ChatHead.Programs)}. {why}".TrimEnd(), code: "no_conversations");
}
