namespace FineTuneChat.Native.Tests.Models;

/// <summary>Damages GGUF files as disks, bad converters and attackers do: bytes, metadata, descriptions of tensors.</summary>
internal sealed class GgufMutator(Random random)
{
    private static readonly object[] Scalars =
    [
        0u, 1u, 2u, 3u, 7u, 31u, 255u, 513u, 65_536u, int.MaxValue, uint.MaxValue, 0, -1, int.MinValue, 0ul, ulong.MaxValue, long.MinValue, (byte)0,
        byte.MaxValue, (ushort)3, (short)-1,
        0f, 1f, -1f, 1e-30f, 1e30f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, double.NaN, 1.5, true, false, "", "x", "none",
        "\0",
    ];

    private static readonly string[] Names =
    [
        "llama", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "mamba", "bert", "t5", "rwkv7", "deepseek2", "gpt-oss", "cohere2", "qwen2moe", "gemma3n",
        "jamba", "clip", "falcon", "gpt2",
        "llama-bpe", "default", "no_vocab", "plamo2", "yarn", "linear", "longrope", "unknown", "ünïcode", "adapter",
    ];

    /// <summary>Entries that llama.cpp reads when they are there.</summary>
    private static readonly string[] Keys =
    [
        "expert_count", "expert_used_count", "expert_group_count", "expert_group_used_count", "nextn_predict_layers", "attention.key_length",
        "attention.value_length", "attention.sliding_window",
        "attention.sliding_window_pattern", "attention.causal", "pooling_type", "rope.scaling.type", "rope.scaling.factor", "rope.scaling.attn_factor",
        "rope.scaling.original_context_length",
        "attn_logit_softcapping", "final_logit_softcapping", "embedding_length_out", "attention.key_length_swa", "rope.dimension_count_swa",
        "rope.freq_base_swa", "attention.layer_norm_epsilon",
        "feed_forward_length", "attention.head_count_kv", "rope.dimension_sections", "attention.clamp_kqv", "attention.max_alibi_bias", "logit_scale",
        "leading_dense_block_count",
    ];

    private static readonly string[] GeneralKeys =
    [
        "general.alignment", "general.file_type", "general.type", "split.count", "split.no", "split.tensors.count", "tokenizer.ggml.scores",
        "tokenizer.ggml.add_eos_token", "tokenizer.ggml.unknown_token_id",
        "tokenizer.ggml.eot_token_id", "tokenizer.ggml.add_space_prefix", "tokenizer.ggml.precompiled_charsmap", "tokenizer.ggml.suppress_tokens",
        "tokenizer.ggml.remove_extra_whitespaces",
    ];

    private static readonly uint[] TensorTypes =
    [
        0, 1, 2, 3, 6, 7, 8, 9, 10, 12, 14, 16, 20, 23, 24, 25, 26, 27, 28, 30, 34, 35, 39, 40, 41, 99, uint.MaxValue,
    ];

    /// <summary>What was done, in words, and the damaged file.</summary>
    public (string What, byte[] Bytes) Mutate(string path)
    {
        if (random.Next(4) == 0)
            return Bytewise(File.ReadAllBytes(path));
        LooseGguf file = LooseGguf.Read(path);
        var what = new List<string>();
        for (int i = 0; i <= random.Next(3); i++)
            what.Add(random.Next(3) == 0 ? Tensor(file) : Entry(file));
        if (random.Next(4) > 0)
            file.LayOut();
        return (string.Join("; ", what), file.ToBytes());
    }

    private (string What, byte[] Bytes) Bytewise(byte[] bytes)
    {
        if (random.Next(5) == 0)
        {
            int length = random.Next(bytes.Length);
            return ($"cut at {length}", bytes[..length]);
        }

        int header = Math.Min(bytes.Length, 12_000), flips = 1 + random.Next(6), at = 0;
        for (int i = 0; i < flips; i++)
        {
            at = random.Next(header);
            bytes[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(bytes[at] ^ (1 << random.Next(8)));
        }

        return ($"{flips} bytes changed, the last at {at}", bytes);
    }

    private string Entry(LooseGguf file)
    {
        string prefix = (file.Entries.FirstOrDefault(e => e.Key == "general.architecture").Value as string ?? "llama") + ".";
        int index = random.Next(file.Entries.Count);
        (string key, object value) = file.Entries[index];
        switch (random.Next(6))
        {
            case 0:
                file.Entries.RemoveAt(index);
                return $"without {key}";
            case 1:
                string added = random.Next(3) == 0 ? Any(GeneralKeys) : prefix + Any(Keys);
                file.Entries.RemoveAll(e => e.Key == added);
                object put = random.Next(3) == 0 ? Enumerable.Range(0, random.Next(4)).Select(_ => (uint)random.Next(9)).ToArray() : NewValue(null);
                file.Entries.Add((added, put));
                return $"{added} = {Text(put)}";
            default:
                object changed = NewValue(value);
                file.Entries[index] = (key, changed);
                return $"{key} = {Text(changed)}";
        }
    }

    private object NewValue(object? value) => value switch
    {
        string[] texts => Texts(texts),
        Array array => Numbers(array),
        string when random.Next(3) > 0 => Any(Names),
        uint when random.Next(2) == 0 => (uint)random.Next(1, 600),
        float when random.Next(2) == 0 => Scalars.OfType<float>().ElementAt(random.Next(Scalars.OfType<float>().Count())),
        bool flag when random.Next(2) == 0 => !flag,
        _ => random.Next(6) == 0 ? Any(Names) : Any(Scalars),
    };

    private object Texts(string[] texts)
    {
        string[] copy = [.. texts];
        int at = random.Next(copy.Length), other = random.Next(copy.Length);
        switch (random.Next(8))
        {
            case 0: copy[at] = copy[other]; break;
            case 1: copy[at] = ""; break;
            case 2: copy[at] = "\0" + copy[at]; break;
            case 3: copy[at] = new string('a', 1 + random.Next(2000)); break;
            case 4: copy[at] = "a  b c"; break;
            case 5: return copy[..at];
            case 6: return new uint[copy.Length];
            default: return copy.Concat(copy.Take(1 + other)).ToArray();
        }

        return copy;
    }

    private object Numbers(Array array)
    {
        if (array.Length == 0 || array is not int[] numbers)
            return Any(Scalars);
        int[] copy = [.. numbers];
        switch (random.Next(4))
        {
            case 0: return copy[..random.Next(copy.Length)];
            case 1: return copy.Select(n => (float)n).ToArray();
            case 2: return copy.Select(n => (long)n).ToArray();
            default:
                for (int i = 0; i < 20; i++)
                    copy[random.Next(copy.Length)] = random.Next(-2, 9);
                return copy;
        }
    }

    private string Tensor(LooseGguf file)
    {
        int index = random.Next(file.Tensors.Count), other = random.Next(file.Tensors.Count);
        LooseTensor tensor = file.Tensors[index];
        ulong[] shape = [.. tensor.Shape];
        switch (random.Next(7))
        {
            case 0:
                file.Tensors.RemoveAt(index);
                return $"without {tensor.Name}";
            case 1:
                file.Tensors[index] = tensor with { Type = Any(TensorTypes) };
                break;
            case 2:
                shape[random.Next(shape.Length)] = random.Next(2) == 0
                    ? (ulong)random.Next(1, 1024)
                    : Any<ulong>([0, 1, 1ul << 31, 1ul << 32, 1ul << 62, ulong.MaxValue]);
                file.Tensors[index] = tensor with { Shape = shape };
                break;
            case 3:
                file.Tensors[index] = tensor with { Shape = random.Next(2) == 0 ? [.. shape.Reverse()] : [.. shape, (ulong)random.Next(3)] };
                break;
            case 4:
                file.Tensors[index] =
                    tensor with { Offset = random.Next(2) == 0 ? (ulong)random.Next() : Any<ulong>([0, 1, 1ul << 63, ulong.MaxValue, ulong.MaxValue - 31]) };
                break;
            case 5:
                string[] names = ["", "x", "output.weight", "blk.0.attn_sinks.weight", "rope_freqs.weight", "blk.999.attn_q.weight", "cls.weight", "\0"];
                file.Tensors[index] = tensor with { Name = random.Next(2) == 0 ? file.Tensors[other].Name : Any<string>(names) };
                break;
            default:
                file.Tensors[index] = file.Tensors[other] with { Name = tensor.Name };
                break;
        }

        LooseTensor now = file.Tensors[index];
        return $"{tensor.Name} becomes {now.Name} [{string.Join(", ", now.Shape)}] of type {now.Type} at {now.Offset}";
    }

    private T Any<T>(T[] choices) => choices[random.Next(choices.Length)];

    private static string Text(object value) => value is Array array ? $"{array.GetType().Name}({array.Length})" : $"{value} ({value.GetType().Name})";
}
