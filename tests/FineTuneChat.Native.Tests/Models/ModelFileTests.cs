using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Models;

/// <summary>What is wrong with a model is said in words, before llama.cpp sees it.</summary>
public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("attention.head_count", 0u, "layer 0 has 0 heads, which cannot share 2 key-value heads")]
    [InlineData("attention.head_count_kv", 3u, "4 heads, which cannot share 3 key-value heads")]
    [InlineData("attention.head_count_kv", 0u, "has attention, but no key-value heads")]
    [InlineData("attention.head_count", 64u, "64 heads cannot share a width of 32")]
    [InlineData("block_count", 0u, "llama.block_count is 0 (UInt32); a 32-bit whole number from 1 to 512 is allowed")]
    [InlineData("block_count", 4_000_000_000u, "from 1 to 512")]
    [InlineData("block_count", 400u, "declares 400 layers, but has")]
    [InlineData("block_count", "two", "is the text 'two'")]
    [InlineData("context_length", null, "llama.context_length is missing")]
    [InlineData("embedding_length", 64u, "tensor 'token_embd.weight' is [32, 260]; the model's sizes ask for [64, 260]")]
    [InlineData("feed_forward_length", 65u, "the model's sizes ask for [32, 65]")]
    [InlineData("attention.key_length", 9u, "tensor 'blk.0.attn_q.weight'")]
    [InlineData("rope.dimension_count", 7u, "an even number of at most 8")]
    [InlineData("rope.dimension_count", 1024u, "an even number of at most 8")]
    [InlineData("rope.freq_base", float.NaN, "llama.rope.freq_base is NaN")]
    [InlineData("rope.scaling.type", "cubic", "one of none, linear, yarn, longrope")]
    [InlineData("attention.layer_norm_rms_epsilon", -1f, "from 0 to 1")]
    [InlineData("expert_used_count", 5u, "5 of 0 experts")]
    [InlineData("nextn_predict_layers", 2u, "at least one must not")]
    [InlineData("pooling_type", 9u, "from 0 to 4")]
    public void Sizes_that_cannot_be(string key, object? value, string expected) => Assert.Contains(expected, Refusal(file =>
    {
        file.Entries.RemoveAll(e => e.Key == $"llama.{key}");
        if (value is not null)
            file.Entries.Add(($"llama.{key}", value));
    }), StringComparison.Ordinal);

    [Fact]
    public void Sizes_that_differ_by_layer_need_one_for_each()
    {
        Assert.Contains(
            "2 whole numbers from 0 to 8192 are needed", Refusal(file => Set(file, "llama.attention.head_count", new[] { 4, 4, 4 })), StringComparison.Ordinal);
        Assert.Contains("layer 1 has 3 heads", Refusal(file => Set(file, "llama.attention.head_count", new[] { 4, 3 })), StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenisers_that_are_not_whole()
    {
        Assert.Contains(
            "token 40, 'new', appears twice", Refusal(file => Change<string>(file, "tokens", tokens => tokens[7] = tokens[40] = "new")),
            StringComparison.Ordinal);
        Assert.Contains(
            "token 97, 'a', appears twice", Refusal(file => Change<string>(file, "tokens", tokens => tokens[7] = "a\0b")), StringComparison.Ordinal);
        Assert.Contains("token 9, ", Refusal(file => Change<int>(file, "token_type", types => types[9] = 6)), StringComparison.Ordinal);
        Assert.Contains("merge 0, 'th', is no pair", Refusal(file => Change<string>(file, "merges", merges => merges[0] = "th")), StringComparison.Ordinal);
        Assert.Contains(
            "token_type has 3 entries for 260 tokens", Refusal(file => Set(file, "tokenizer.ggml.token_type", new[] { 1, 1, 1 })), StringComparison.Ordinal);
        Assert.Contains("no array of 32-bit numbers", Refusal(file => Set(file, "tokenizer.ggml.scores", "high")), StringComparison.Ordinal);
        Assert.Contains("no token for the byte 0, '<0x00>'", Refusal(file => Set(file, "tokenizer.ggml.model", "llama")), StringComparison.Ordinal);
        Assert.Contains("one of llama, gpt2", Refusal(file => Set(file, "tokenizer.ggml.model", "magic")), StringComparison.Ordinal);
        Assert.Contains(
            "tokenizer.ggml.tokens is missing", Refusal(file => file.Entries.RemoveAll(e => e.Key == "tokenizer.ggml.tokens")), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_cannot_be_computed_with()
    {
        Assert.Contains(
            "'blk.1.attn_norm.weight' is of type F16; F32 is allowed there", Refusal(file => Retype(file, "blk.1.attn_norm.weight", GgmlType.F16)),
            StringComparison.Ordinal);
        Assert.Contains(
            "'blk.0.ffn_up.weight' is of type I32; floats and quantised blocks are", Refusal(file => Retype(file, "blk.0.ffn_up.weight", GgmlType.I32)),
            StringComparison.Ordinal);
        Assert.Contains("none of blk.1.attn_qkv", Refusal(file => file.Tensors.RemoveAll(t => t.Name == "blk.1.attn_q.weight")), StringComparison.Ordinal);
        Assert.Contains(
            "no tensor 'blk.0.ffn_down.weight'", Refusal(file => file.Tensors.RemoveAll(t => t.Name == "blk.0.ffn_down.weight")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_in_parts_is_one_and_none_may_be_missing()
    {
        NativeLibraries.Load();
        LooseGguf whole = Sound();
        string first = _folder["big-00001-of-00002.gguf"], second = _folder["big-00002-of-00002.gguf"];
        LooseGguf one = new(), two = new();
        one.Entries.AddRange([.. whole.Entries, ("split.no", (ushort)0), ("split.count", (ushort)2), ("split.tensors.count", whole.Tensors.Count)]);
        one.Tensors.AddRange(whole.Tensors.Take(5));
        two.Entries.AddRange([("split.no", (ushort)1), ("split.count", (ushort)2), ("split.tensors.count", whole.Tensors.Count)]);
        two.Tensors.AddRange(whole.Tensors.Skip(5));
        Write(one, first);

        Assert.Contains("big-00002-of-00002.gguf is missing", Assert.Throws<GgufException>(() => ModelFile.Open(first)).Message, StringComparison.Ordinal);
        Write(two, second);
        GgufFile file = ModelFile.Open(first);
        using LlamaModel model = LlamaModel.Load(file);

        Assert.Equal(whole.Tensors.Count, file.Tensors.Count);
        Assert.Equal(2, model.LayerCount);
        Write(one, second);
        Assert.Contains("split.no is not 1", Assert.Throws<GgufException>(() => ModelFile.Open(first)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sound_model_passes_and_its_sizes_are_read()
    {
        Write(Sound(), _folder["model.gguf"]);

        ModelShape shape = ModelFile.Check(ModelFile.Open(_folder["model.gguf"]));

        Assert.Equal(("llama", 512, 32, 260), (shape.Architecture, shape.TrainedContext, shape.Width, shape.Vocabulary));
        Assert.Equal([new LayerShape(4, 2, 8, 8, 64, false), new LayerShape(4, 2, 8, 8, 64, false)], shape.Layers);
    }

    private string Refusal(Action<LooseGguf> damage)
    {
        LooseGguf file = Sound();
        damage(file);
        Write(file, _folder["damaged.gguf"]);
        return Assert.Throws<GgufException>(() => ModelFile.Check(ModelFile.Open(_folder["damaged.gguf"]))).Message;
    }

    private LooseGguf Sound() => LooseGguf.Read(RandomModel.Write(_folder["sound.gguf"], new RandomModelShape(Width: 32, FeedForward: 64)));

    private static void Write(LooseGguf file, string path)
    {
        file.LayOut();
        File.WriteAllBytes(path, file.ToBytes());
    }

    private static void Set(LooseGguf file, string key, object value)
    {
        file.Entries.RemoveAll(e => e.Key == key);
        file.Entries.Add((key, value));
    }

    private static void Change<T>(LooseGguf file, string entry, Action<T[]> change)
    {
        var array = (T[])file.Entries.Single(e => e.Key == $"tokenizer.ggml.{entry}").Value;
        change(array);
    }

    private static void Retype(LooseGguf file, string name, GgmlType type)
    {
        int index = file.Tensors.FindIndex(t => t.Name == name);
        file.Tensors[index] = file.Tensors[index] with { Type = (uint)type };
    }

    public void Dispose() => _folder.Dispose();
}
