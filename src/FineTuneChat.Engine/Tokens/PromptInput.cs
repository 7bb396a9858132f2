using System.Text.Json;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Tokens;

/// <summary>Input that is text or token ids: a string, an array of strings, token ids, or an array of token ids.</summary>
internal static class PromptInput
{
    private const int MaxPrompts = 2048; // OpenAI's

    /// <summary>The token ids of each input.</summary>
    /// <param name="input">The parameter's value.</param>
    /// <param name="name">Its name.</param>
    /// <param name="vocabulary">The model's.</param>
    /// <param name="parseSpecial">Read the text of control tokens as those: the client writes the whole prompt.</param>
    /// <exception cref="OpenAiException">400: it is none of these, it is empty, or an id does not exist.</exception>
    public static IReadOnlyList<int[]> Read(JsonElement? input, string name, Vocabulary vocabulary, bool parseSpecial)
    {
        if (input is not { ValueKind: JsonValueKind.String or JsonValueKind.Array } given)
            throw Refused(name, "must be a string, an array of strings, token ids, or an array of token ids");
        JsonElement[] items = given.ValueKind == JsonValueKind.String || IsIds(given) ? [given] : [.. given.EnumerateArray()];
        if (items.Length is 0 or > MaxPrompts)
            throw Refused(name, $"must hold 1 to {MaxPrompts} inputs");
        return [.. items.Select((item, i) => Encode(item, items.Length == 1 ? name : $"{name}[{i}]", vocabulary, parseSpecial))];
    }

    private static bool IsIds(JsonElement input) => input.GetArrayLength() > 0 && input[0].ValueKind == JsonValueKind.Number;

    private static int[] Encode(JsonElement item, string name, Vocabulary vocabulary, bool parseSpecial)
    {
        int[] tokens = item.ValueKind switch
        {
            JsonValueKind.String => vocabulary.Tokenize(item.GetString()!, addSpecial: true, parseSpecial),
            JsonValueKind.Array => TokenIds.Read(item, name, vocabulary),
            _ => throw Refused(name, "must be a string or token ids"),
        };
        return tokens.Length > 0 ? tokens : throw Refused(name, "is empty");
    }

    private static OpenAiException Refused(string name, string why) => OpenAiException.InvalidRequest($"'{name}' {why}.", name);
}
