using System.Text.Json;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Formats;

/// <summary>One question, one reply, each a value of its own; earlier turns and what the question is about beside them.</summary>
internal static class PairFormat
{
    public static Conversation Read(JsonElement row, RowShape shape, RowNotes notes)
    {
        string key = shape[Field.Reply]!;
        string answer = row.TextOrJson(key, notes) ?? throw new RowException($"{key} is missing");
        return new Conversation([.. Question(row, shape, notes), new ChatMessage(ChatRole.Assistant, answer)], ToolList.Read(row, shape[Field.Tools]));
    }

    /// <summary>All that stands before the reply.</summary>
    public static IReadOnlyList<ChatMessage> Question(JsonElement row, RowShape shape, RowNotes notes)
    {
        IReadOnlyList<ChatMessage> before = [.. SystemOf(row, shape), .. History(row, shape[Field.History], notes)];
        if (shape[Field.Messages] is { } messages && row.Has(messages))
            return [.. before, .. MessageList.Read(row.GetProperty(messages), messages, notes)];
        string key = shape[Field.Prompt] ?? throw new RowException("there is no prompt beside it");
        if (row.TryGetProperty(key, out JsonElement prompt) && MessageList.IsList(prompt))
            return [.. before, .. MessageList.Read(prompt, key, notes)];
        string question = row.TextOrJson(key, notes) ?? throw new RowException($"{key} is missing");
        if (shape[Field.Input] is { } input && row.TextOrJson(input, notes) is { Length: > 0 } about)
            question = $"{question}\n\n{about}";
        return [.. before, new ChatMessage(ChatRole.User, question)];
    }

    public static IEnumerable<ChatMessage> SystemOf(JsonElement row, RowShape shape) =>
        shape[Field.System] is { } key && row.OptionalText(key) is { Length: > 0 } text ? [new ChatMessage(ChatRole.System, text)] : [];

    /// <summary>Pairs of a question and its reply, as LLaMA-Factory writes them, or messages.</summary>
    private static IEnumerable<ChatMessage> History(JsonElement row, string? key, RowNotes notes)
    {
        if (key is null || !row.Has(key))
            return [];
        JsonElement history = RowFields.Unpacked(row.GetProperty(key), key);
        if (history.ValueKind != JsonValueKind.Array)
            throw new RowException($"{key} must be a list of [question, reply] or of messages, not {RowFields.KindOf(history)}");
        if (history.GetArrayLength() == 0)
            return [];
        notes.Tell(NoticeKinds.History, $"{key} holds earlier turns: they stand before the question, and their replies are learned, too");
        return MessageList.IsList(history)
            ? MessageList.Read(history, key, notes)
            : history.EnumerateArray().Index().SelectMany(pair => Turn(pair.Item, $"{key}[{pair.Index}]"));
    }

    private static ChatMessage[] Turn(JsonElement pair, string place)
    {
        if (pair.ValueKind == JsonValueKind.Array
            && pair.EnumerateArray().ToArray() is [{ ValueKind: JsonValueKind.String } asked, { ValueKind: JsonValueKind.String } said])
            return [new ChatMessage(ChatRole.User, asked.GetString()), new ChatMessage(ChatRole.Assistant, said.GetString())];
        throw new RowException($"{place} must be [question, reply]");
    }
}
