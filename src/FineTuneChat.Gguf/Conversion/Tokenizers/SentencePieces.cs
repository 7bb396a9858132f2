namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>A SentencePiece model as llama.cpp has it: pieces with scores, merged (Llama 2, Mistral, Gemma, Phi 3) or chosen by probability (T5's kind).</summary>
internal static class SentencePieces
{
    private const char Space = '▁';

    public static void Write(SentencePieceModel model, TokenList tokens, GgufMetadata metadata)
    {
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            SentencePiece piece = model.Pieces[id];
            string text = piece.Type == TokenType.UserDefined ? piece.Text.Replace(Space, ' ') : piece.Text;
            tokens.Set(id, text, piece.Type, piece.Score);
        }

        metadata.Set("tokenizer.ggml.model", model.IsUnigram ? "t5" : "llama");
        metadata.Set("tokenizer.ggml.pre", "default");
        metadata.Set("tokenizer.ggml.add_space_prefix", model.AddsDummyPrefix);
        if (!model.IsUnigram)
            return;
        metadata.Set("tokenizer.ggml.remove_extra_whitespaces", model.RemovesExtraSpaces);
        if (model.CharacterMap.Length > 0)
            metadata.Set("tokenizer.ggml.precompiled_charsmap", model.CharacterMap);
    }
}
