using System.Globalization;

namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>
/// A SentencePiece model that only <c>tokenizer.json</c> is left of, as a list of merges. llama.cpp merges by scores, so each piece gets the score of the first
/// merge that makes it: the order of merging is the same.
/// </summary>
internal static class ByteFallbackBpe
{
    private const float NeverMerged = -1e9f;

    public static void Write(TokenizerJson tokenizer, TokenList tokens, GgufMetadata metadata)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (left, right) in tokenizer.Merges())
            ranks.TryAdd(left + right, ranks.Count);
        foreach (var (text, id) in tokenizer.Vocabulary())
        {
            if (IsByte(text))
                tokens.Set(id, text, TokenType.Byte);
            else
                tokens.Set(id, text, TokenType.Normal, ranks.TryGetValue(text, out int rank) ? -rank : NeverMerged);
        }

        metadata.Set("tokenizer.ggml.model", "llama");
        metadata.Set("tokenizer.ggml.pre", "default");
        metadata.Set("tokenizer.ggml.add_space_prefix", tokenizer.Normalizers.Any(n => n.Text("type") == "Prepend") || HasMetaspace(tokenizer));
    }

    private static bool IsByte(string text) =>
        text is ['<', '0', 'x', _, _, '>'] && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);

    private static bool HasMetaspace(TokenizerJson tokenizer) =>
        TokenizerJson.Flat(tokenizer.PreTokenizer, "pretokenizers").Any(p => p.Text("type") == "Metaspace" && p.Text("prepend_scheme") != "never"
            && p.Flag("add_prefix_space") != false);
}
