using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log.Transfer;

/// <summary>Reads files of conversations: pure.</summary>
internal static class ConversationFile
{
    private const int MaxTitle = 200, MaxName = 200; // characters

    /// <summary>
    /// An export (<c>{"data":[…]}</c>), an array of conversations, or one alone: of each the conversation, or why it is none. One after the other, because a
    /// conversation takes much more memory than its text: every reply has a list of all that precedes it.
    /// </summary>
    /// <exception cref="OpenAiException">400: it is nothing of these, or has too many conversations.</exception>
    public static IEnumerable<ConversationRead> Read(JsonElement file, DatasetLimits limits)
    {
        JsonElement list =
            file.ValueKind == JsonValueKind.Array ? file :
            file.ValueKind == JsonValueKind.Object && file.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Array ? data :
            file.ValueKind == JsonValueKind.Object && file.TryGetProperty("messages", out _) ? JsonElement.Parse($"[{file.GetRawText()}]") :
            throw OpenAiException.InvalidRequest(
                "The file holds no conversations: expected an export of this program, or {\"messages\":[{\"role\",\"content\"}]}.", code: "no_conversations");
        if (list.GetArrayLength() > limits.Chats)
            throw OpenAiException.InvalidRequest(
                $"The file holds {list.GetArrayLength():N0} conversations; at most {limits.Chats:N0} are imported at once. Split the file.",
                code: "too_many_conversations");
        return list.EnumerateArray().Index().Select(item => Read(
            item.Index,
            () => item.Item.Deserialize(TransferJson.Wire.ExportedConversation) ?? throw new InvalidDataException("it is null."),
            limits));
    }

    public static ConversationRead Read(int index, ExportedConversation exported, DatasetLimits limits) => Read(index, () => exported, limits);

    private static ConversationRead Read(int index, Func<ExportedConversation> exported, DatasetLimits limits)
    {
        try
        {
            return new(index, Read(exported(), limits), Problem: null);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or OpenAiException)
        {
            return new(index, Conversation: null, e.Message);
        }
    }

    private static ReadConversation Read(ExportedConversation conversation, DatasetLimits limits)
    {
        ExportedMessage[] messages =
        [
            .. (conversation.Messages ?? []).Concat(conversation.OtherMessages ?? [])
                .Select(m => m ?? throw new InvalidDataException("one of its messages is null.")),
        ];
        if (messages.Length > limits.ChatMessages)
            throw new InvalidDataException($"it has {messages.Length:N0} messages; at most {limits.ChatMessages:N0} are read. Split it.");
        ReadReply[] replies = [.. messages.All(m => m.Id is null) ? Line(messages) : Tree(messages)];
        if (replies.Length == 0)
            throw new InvalidDataException("it has no reply to a question.");
        string? shown = conversation.Messages?.LastOrDefault()?.CompletionId;
        if (Request(conversation.Request) is { } request)
            replies = [.. replies.Select(reply => reply.CompletionId == shown ? reply with { Request = request } : reply)];
        string? title = conversation.Title?.Trim();
        return new(conversation.Id, string.IsNullOrEmpty(title) ? null : Cut(title, MaxTitle), conversation.CreatedAt, conversation.UpdatedAt, replies, shown);
    }

    /// <summary>Messages one after the other: each reply answers to all before it.</summary>
    private static IEnumerable<ReadReply> Line(ExportedMessage[] messages)
    {
        RequestMessage[] path = [.. messages.Select(Message)];
        for (int i = 1; i < path.Length; i++)
            if (path[i].Role == "assistant")
                yield return Reply(path[..i], path[i], messages[i] with { FinishReason = messages[i].FinishReason ?? FinishReasons.Stop });
    }

    /// <summary>
    /// Messages that name the one before them: a reply's prompt is the chain from its parent up to the first message. A message without a completion's id
    /// was not written here; it is read as part of the prompts that follow it.
    /// </summary>
    private static IEnumerable<ReadReply> Tree(ExportedMessage[] messages)
    {
        var paths = new Dictionary<long, RequestMessage[]>();
        foreach (ExportedMessage message in messages.OrderBy(m => m.Id))
        {
            if (message.Id is not { } id)
                throw new InvalidDataException("some of its messages have an id and others do not.");
            RequestMessage[] before = message.ParentId is not { } parent
                ? []
                : paths.GetValueOrDefault(parent)
                    ?? throw new InvalidDataException($"its message {id} follows message {parent}, which is not there before it.");
            RequestMessage read = Message(message);
            if (message is { Role: "assistant", CompletionId: not null } && before.Length > 0)
                yield return Reply(before, read, message);
            paths.TryAdd(id, [.. before, read]);
        }
    }

    /// <summary>What the chat goes on with. The version that it had chosen is another server's.</summary>
    private static ChatCompletionRequest? Request(ChatCompletionRequest? request)
    {
        if (request is null)
            return null;
        request = request with { Unknown = null, Messages = null, Model = AssistantNames.IsVersion(request.Model) ? null : request.Model };
        SamplingValidator.Validate(request);
        ChatCompletionValidator.ValidateMetadata(request.Metadata);
        return request;
    }

    private static RequestMessage Message(ExportedMessage message)
    {
        if (message is not { Role: "system" or "developer" or "user" or "assistant" })
            throw new InvalidDataException($"it has a message with the role '{message.Role}'; read are system, developer, user and assistant.");
        return new()
        {
            Role = message.Role,
            Content = message.Content ?? throw new InvalidDataException("it has a message without content."),
            ReasoningContent = message.Role == "assistant" ? message.ReasoningContent : null,
        };
    }

    private static ReadReply Reply(RequestMessage[] prompt, RequestMessage reply, ExportedMessage message) => new(
        prompt, reply, message.CompletionId, Cut(string.IsNullOrWhiteSpace(message.Model) ? "imported" : message.Model, MaxName),
        message.FinishReason is FinishReasons.Stop or FinishReasons.Length ? message.FinishReason : null, message.CreatedAt,
        message.Rating is { Rating: "up" or "down" } rating ? rating : null, Request: null);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}

/// <summary>A conversation that can be written. Times are Unix seconds.</summary>
internal sealed record ReadConversation(string? Id, string? Title, long? CreatedAt, long? UpdatedAt, IReadOnlyList<ReadReply> Replies, string? Shown);

/// <summary>A reply and all that precedes it. Replies share the messages that precede them.</summary>
internal sealed record ReadReply(
    IReadOnlyList<RequestMessage> Prompt, RequestMessage Message, string? CompletionId, string Model, string? FinishReason, long? CreatedAt,
    ExportedRating? Rating, ChatCompletionRequest? Request);

/// <summary>An entry of the file: a conversation, or why it is none.</summary>
internal sealed record ConversationRead(int Index, ReadConversation? Conversation, string? Problem);

/// <summary>Why a conversation is left out.</summary>
internal sealed record ConversationProblem(int Index, string Message);
