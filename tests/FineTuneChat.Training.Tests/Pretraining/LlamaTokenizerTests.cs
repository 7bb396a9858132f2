using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Pretraining.Tokenizer;

namespace FineTuneChat.Training.Tests.Pretraining;

[Trait(Tier.Name, Tier.Slow)]
public sealed class LlamaTokenizerTests
{
    [Fact]
    public void Llama_cpp_tokenises_with_a_trained_vocabulary_as_the_encoder_does()
    {
        using var folder = new TemporaryFolder();
        NativeLibraries.Load();
        var vocabulary = BpeTrainer.Train(CorpusGenerator.TokenizerTexts(1, 4_000), 1_500);
        var encoder = new BpeEncoder(vocabulary);
        using var model = LlamaModel.Load(Write(vocabulary, folder["vocabulary.gguf"]), new ModelOptions { VocabularyOnly = true });

        var texts = CorpusGenerator.Generate(2).Take(1_000).SelectMany(c => c.Messages).Select(m => m.Content!)
            .Concat(["", " ", "  two  spaces\t\r\n\r\n  x", "It's WE'LL they'Re 'x", "漢字 🙂 e\u0301 ½ ²"])
            .Concat(["<|im_end|> as text", "a\n\n\nb   ", "1234567890.5%", "¿Qué?¡Sí!"]);
        foreach (var text in texts)
            Assert.Equal(encoder.Encode(text), model.Vocabulary.Tokenize(text, addSpecial: true, parseSpecial: false));
    }

    [Fact]
    public void Llama_cpp_knows_the_specials()
    {
        using var folder = new TemporaryFolder();
        NativeLibraries.Load();
        var vocabulary = BpeTrainer.Train(CorpusGenerator.TokenizerTexts(1, 500), 600);
        using var model = LlamaModel.Load(Write(vocabulary, folder["vocabulary.gguf"]), new ModelOptions { VocabularyOnly = true });

        Assert.Equal(vocabulary.EosId, model.Vocabulary.Eos);
        Assert.Equal(vocabulary.EotId, model.Vocabulary.Eot);
        Assert.False(model.Vocabulary.AddBos);
        Assert.True(model.Vocabulary.IsEndOfGeneration(vocabulary.EosId));
        Assert.True(model.Vocabulary.IsControl(vocabulary.StartOfMessageId));
        Assert.Equal([vocabulary.StartOfMessageId], model.Vocabulary.Tokenize("<|im_start|>", addSpecial: true, parseSpecial: true));
    }

    private static string Write(BpeVocabulary vocabulary, string path)
    {
        var writer = new GgufWriter();
        writer.Metadata.Set("general.architecture", "llama");
        (string, uint)[] sizes =
        [
            ("context_length", 64u), ("embedding_length", 32u), ("block_count", 1u), ("feed_forward_length", 32u), ("attention.head_count", 1u),
        ];
        foreach (var (key, value) in sizes)
            writer.Metadata.Set($"llama.{key}", value);
        writer.Metadata.Set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        writer.Metadata.Set("llama.vocab_size", (uint)vocabulary.Size);
        GgufVocabulary.Describe(writer.Metadata, vocabulary);
        writer.Save(path);
        return path;
    }
}
