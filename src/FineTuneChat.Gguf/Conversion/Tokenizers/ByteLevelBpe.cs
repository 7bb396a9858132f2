namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>BPE over bytes, each written as a printable character: GPT-2's way, and since then that of Llama 3, Qwen, SmolLM, Phi 4.</summary>
internal static class ByteLevelBpe
{
    /// <summary>What GPT-2 writes for a space.</summary>
    private const char Space = 'Ġ';

    public static void Write(TokenizerJson tokenizer, TokenList tokens, GgufMetadata metadata, List<string> notes)
    {
        foreach (var (text, id) in tokenizer.Vocabulary())
            tokens.Set(id, text, TokenType.Normal);
        metadata.Set("tokenizer.ggml.model", "gpt2");
        metadata.Set("tokenizer.ggml.pre", PreTokenizers.NameOf(tokenizer, out string? note));
        metadata.Set("tokenizer.ggml.merges", tokenizer.Merges().Select(m => $"{Escaped(m.Left)} {Escaped(m.Right)}").ToArray());
        if (note is not null)
            notes.Add(note);
    }

    private static string Escaped(string part) => part.Replace(' ', Space);
}
