using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Tokens;

/// <summary>Input that is text or token ids: a string, an array of strings, token ids, or an array of token ids.</summary>
internal static class PromptInput
{
    private const int MaxPrompts = 2048; // OpenAI's

    /// <summary>The token ids of each input.</summary>
    /// <param name="input">The parameter's value.</param>
    /// <param name="name">Its name.</param>
    /// <param name="model">Whose tokens.</param>
    /// <param name="parseSpecial">Read the text of control tokens as those: the client writes the whole prompt.</param>
    /// <param name="cancellation">Ends it between two inputs.</param>
    /// <exception cref="OpenAiException">400: it is none of these, it is empty or far too long, or an id does not exist.</exception>
    public static IReadOnlyList<int[]> Read(JsonElement? input, string name, ServedModel model, bool parseSpecial, CancellationToken cancellation)
    {
        if (input is null or { ValueKind: JsonValueKind.Null })
            throw OpenAiException.MissingParameter(name);
        if (input is not { ValueKind: JsonValueKind.String or JsonValueKind.Array } given)
            throw Refused(name, "must be a string, an array of strings, token ids, or an array of token ids");
        JsonElement[] items = given.ValueKind == JsonValueKind.String || IsIds(given) ? [given] : [.. given.EnumerateArray()];
        if (items.Length is 0 or > MaxPrompts)
            throw Refused(name, $"must hold 1 to {MaxPrompts} inputs");
        var inputs = new List<int[]>();
        foreach ((int i, JsonElement item) in items.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            inputs.Add(Encode(item, items.Length == 1 ? name : $"{name}[{i}]", model, parseSpecial));
        }

        return inputs;
    }

    private static bool IsIds(JsonElement input) => input.GetArrayLength() > 0 && input[0].ValueKind == JsonValueKind.Number;

    private static int[] Encode(JsonElement item, string name, ServedModel model, bool parseSpecial)
    {
        int[] tokens = item.ValueKind switch
        {
            JsonValueKind.String => Tokenize(item.GetString()!, name, model, parseSpecial),
            JsonValueKind.Array => TokenIds.Read(item, name, model.Vocabulary),
            _ => throw Refused(name, "must be a string or token ids"),
        };
        return tokens.Length > 0 ? tokens : throw Refused(name, "is empty");
    }

    private static int[] Tokenize(string text, string name, ServedModel model, bool parseSpecial)
    {
        model.RequireRoomFor(text, name);
        return model.Vocabulary.Tokenize(text, addSpecial: true, parseSpecial);
    }

    private static OpenAiException Refused(string name, string why) => OpenAiException.InvalidRequest($"'{name}' {why}.", name);
}
