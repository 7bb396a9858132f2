using System.Text;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FsCheck;
using FsCheck.Fluent;

namespace FineTuneChat.Native.Tests.Llama;

public sealed class VocabularyTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private Vocabulary Vocabulary => tiny.Vocabulary;

    [Fact]
    public void Special_tokens_are_read_only_where_asked_for()
    {
        const string Text = "a<|im_end|>";

        Assert.Equal(['a', RandomModel.TurnEnd], Vocabulary.Tokenize(Text, addSpecial: false, parseSpecial: true));
        Assert.DoesNotContain(RandomModel.TurnEnd, Vocabulary.Tokenize(Text, addSpecial: false, parseSpecial: false));
        Assert.Equal(Text, Vocabulary.Detokenize(Vocabulary.Tokenize(Text, addSpecial: false, parseSpecial: false)));
    }

    [Fact]
    public void Any_text_comes_back_from_its_tokens() =>
        Prop.ForAll<string?>(text =>
        {
            string clean = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")); // lone surrogates have no UTF-8
            return Vocabulary.Detokenize(Vocabulary.Tokenize(clean, false, false)) == clean;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Pieces_of_the_tokens_are_the_bytes_of_the_text()
    {
        const string Text = "wörld 😀";

        byte[] bytes = [.. Vocabulary.Tokenize(Text, false, false).SelectMany(t => Vocabulary.PieceOf(t).ToArray())];

        Assert.Equal(Text, Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Control_tokens_add_nothing_to_the_text_but_can_be_written_out()
    {
        Assert.True(Vocabulary.PieceOf(RandomModel.TurnEnd).IsEmpty);
        Assert.Equal("<|im_end|>", Encoding.UTF8.GetString(Vocabulary.SpecialPieceOf(RandomModel.TurnEnd)));
        Assert.True(Vocabulary.IsControl(RandomModel.TurnEnd));
        Assert.True(Vocabulary.AttributesOf(RandomModel.TurnEnd).HasFlag(TokenAttributes.Control));
        Assert.False(Vocabulary.IsControl('a'));
    }

    [Fact]
    public void End_of_turn_ends_generation()
    {
        Assert.Equal(RandomModel.VocabularySize, Vocabulary.Count);
        Assert.Equal(RandomModel.TurnEnd, Vocabulary.Eos);
        Assert.True(Vocabulary.IsEndOfGeneration(RandomModel.TurnEnd));
        Assert.False(Vocabulary.IsEndOfGeneration('a'));
        Assert.False(Vocabulary.AddBos);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(RandomModel.VocabularySize)]
    public void A_token_outside_the_vocabulary_is_refused_before_native_code_sees_it(int token)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Vocabulary.PieceOf(token).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => Vocabulary.IsEndOfGeneration(token));
        Assert.Throws<ArgumentOutOfRangeException>(() => Vocabulary.Detokenize([token]));
    }

    [Fact]
    public void A_vocabulary_only_load_tokenises_the_same()
    {
        using var light = LlamaModel.Load(tiny.Model.Path, new() { VocabularyOnly = true });

        Assert.Equal(Vocabulary.Tokenize("the thing", true, true), light.Vocabulary.Tokenize("the thing", true, true));
        Assert.Equal(RandomModel.ChatMl, light.ChatTemplate);
        Assert.Equal("random", light.Metadata("general.name"));
        Assert.Null(light.Metadata("no.such.key"));
    }

    [Fact]
    public void A_file_that_is_no_model_is_an_exception()
    {
        File.WriteAllText(tiny.Folder["broken.gguf"], "GGUF but not really");

        Assert.Throws<GgufException>(() => LlamaModel.Load(tiny.Folder["broken.gguf"]));
        Assert.Throws<FileNotFoundException>(() => LlamaModel.Load(tiny.Folder["absent.gguf"]));
    }

    [RecordedVocabulariesFact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Recorded_tokenisations_are_reproduced()
    {
        NativeLibraries.Load();
        foreach (string file in RecordedVocabularies.Files)
        {
            using var model = LlamaModel.Load(file, new() { VocabularyOnly = true });
            string[] inputs = File.ReadAllText(file + ".inp").Split("\n__ggml_vocab_test__\n");
            string[] outputs = File.ReadAllLines(file + ".out");
            for (int i = 0; i < outputs.Length; i++)
                Assert.Equal(
                    outputs[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse), model.Vocabulary.Tokenize(inputs[i], false, false));
        }
    }
}
