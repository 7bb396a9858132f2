using FineTuneChat.Gguf;

namespace FineTuneChat.Training.Pretraining.Tokenizer;

/// <summary>Writes a <see cref="BpeVocabulary"/> into the header of a GGUF file.</summary>
internal static class GgufVocabulary
{
    /// <summary>Sets every <c>tokenizer.ggml.*</c> key that llama.cpp reads for this kind of vocabulary.</summary>
    public static void Describe(GgufMetadata metadata, BpeVocabulary vocabulary)
    {
        metadata.Set("tokenizer.ggml.model", "gpt2");
        metadata.Set("tokenizer.ggml.pre", PreTokenizer.GgufName);
        metadata.Set("tokenizer.ggml.tokens", vocabulary.Tokens.ToArray());
        metadata.Set("tokenizer.ggml.token_type", vocabulary.TokenTypes.ToArray());
        metadata.Set("tokenizer.ggml.merges", vocabulary.Merges.ToArray());
        metadata.Set("tokenizer.ggml.bos_token_id", (uint)vocabulary.BosId);
        metadata.Set("tokenizer.ggml.eos_token_id", (uint)vocabulary.EosId);
        metadata.Set("tokenizer.ggml.eot_token_id", (uint)vocabulary.EotId);
        metadata.Set("tokenizer.ggml.padding_token_id", (uint)vocabulary.PaddingId);
        metadata.Set("tokenizer.ggml.add_bos_token", false);
    }
}
