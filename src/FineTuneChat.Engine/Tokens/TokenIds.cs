using System.Text.Json;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Tokens;

/// <summary>An array of token ids from outside.</summary>
internal static class TokenIds
{
    /// <exception cref="OpenAiException">400: no array of integers, or an id that does not exist.</exception>
    public static int[] Read(JsonElement array, string name, Vocabulary vocabulary)
    {
        if (array.ValueKind != JsonValueKind.Array)
            throw OpenAiException.InvalidRequest($"'{name}' must be an array of token ids.", name, "invalid_type");
        var tokens = new int[array.GetArrayLength()];
        int count = 0;
        foreach (JsonElement item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int token) || token < 0 || token >= vocabulary.Count)
                throw OpenAiException.InvalidRequest($"'{name}[{count}]' is no token of this model: ids run from 0 to {vocabulary.Count - 1}.", name);
            tokens[count++] = token;
        }

        return tokens;
    }
}
