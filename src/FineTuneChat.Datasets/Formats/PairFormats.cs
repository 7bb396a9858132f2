using System.Text.Json;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Formats;

/// <summary>
/// One question, one answer: <c>{"instruction","input"?,"output"}</c> and <c>{"prompt","completion"|"response"}</c>, each with an optional <c>system</c>.
/// </summary>
internal static class PairFormats
{
    public static Conversation ReadInstruction(JsonElement row)
    {
        var instruction = row.Text("instruction");
        var question = row.OptionalText("input") is { Length: > 0 } input ? $"{instruction}\n\n{input}" : instruction;
        return Pair(row, question, row.Text("output"));
    }

    public static Conversation ReadPrompt(JsonElement row)
    {
        var prompt = row.Text("prompt");
        var completion = row.OptionalText("completion") ?? row.OptionalText("response")
            ?? throw new RowException("prompt has neither completion nor response beside it");
        return Pair(row, prompt, completion);
    }

    private static Conversation Pair(JsonElement row, string question, string answer)
    {
        IReadOnlyList<ChatMessage> system = row.OptionalText("system") is { Length: > 0 } text ? [new ChatMessage(ChatRole.System, text)] : [];
        return new Conversation([.. system, new ChatMessage(ChatRole.User, question), new ChatMessage(ChatRole.Assistant, answer)]);
    }
}
