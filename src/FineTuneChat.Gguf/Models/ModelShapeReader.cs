namespace FineTuneChat.Gguf.Models;

/// <summary>
/// Reads a model's sizes and refuses what llama.cpp would stop the process for: it asserts some of these, divides by others, and makes graphs of the rest.
/// The limits are llama.cpp's own where it has any, and far above every real model where it has none.
/// </summary>
internal sealed class ModelShapeReader(GgufFile file)
{
    private const int MaxLayers = 512, MaxExperts = 1024; // LLAMA_MAX_LAYERS, LLAMA_MAX_EXPERTS
    private const int MaxContext = 1 << 26, MaxWidth = 1 << 17, MaxHeads = 1 << 13, MaxHeadWidth = 1 << 13, MaxFeedForward = 1 << 22;
    private const int MaxPoolingType = 4;
    private const float Large = 1e9f;

    /// <summary>Of these, some layers have attention's tensors without heads of their own: linear attention, state-space layers.</summary>
    private static readonly HashSet<string> MixedArchitectures = new(StringComparer.Ordinal)
    {
        "jamba", "falcon-h1", "plamo2", "granitehybrid", "lfm2", "lfm2moe", "nemotron_h", "nemotron_h_moe", "qwen3next", "kimi-linear", "kimi-k3",
        "bailingmoe3",
        "qwen35", "qwen35moe", "qwen4exp", "deepseek4", "minimax-01", "deci",
    };

    private readonly ModelEntries _entries = new(file);

    public static bool IsMixed(string architecture) => MixedArchitectures.Contains(architecture);

    public ModelShape Read()
    {
        int layers = _entries.Integer("block_count", 1, MaxLayers);
        if (layers > file.Tensors.Count)
            throw _entries.Fault($"it declares {layers} layers, but has {file.Tensors.Count} tensors");
        int width = _entries.Integer("embedding_length", 1, MaxWidth), context = _entries.Integer("context_length", 1, MaxContext);
        (int window, bool[] windowed) = Windows(layers);
        CheckExperts(layers);
        CheckNumbers();

        int[] heads = _entries.PerLayer("attention.head_count", layers, 0, MaxHeads) ?? new int[layers];
        int[] kvHeads = _entries.PerLayer("attention.head_count_kv", layers, 0, MaxHeads) ?? heads;
        int[] feedForward = _entries.PerLayer("feed_forward_length", layers, 0, MaxFeedForward) ?? new int[layers];
        CheckHeads(heads, kvHeads);
        HeadWidths full = Widths(width, heads[0]), narrow = WindowedWidths(full);
        return new ModelShape
        {
            Architecture = _entries.Architecture,
            TrainedContext = context,
            Width = width,
            Vocabulary = file.Metadata.Array<string>("tokenizer.ggml.tokens")?.Length ?? _entries.Integer("vocab_size", 0, 1 << 24, otherwise: 0),
            Layers = [.. Enumerable.Range(0, layers).Select(i => Layer(windowed[i] ? narrow : full, heads[i], kvHeads[i], feedForward[i], windowed[i]))],
            Window = window,
            IsCausal = _entries.Flag("attention.causal") ?? true,
            ExpertsUsed = _entries.PerLayer("expert_used_count", layers, 0, MaxExperts)?.Max() ?? 0,
            ExpertFeedForward = _entries.PerLayer("expert_feed_forward_length", layers, 0, MaxFeedForward)?.Max() ?? 0,
        };
    }

    private static LayerShape Layer(HeadWidths widths, int heads, int kvHeads, int feedForward, bool isWindowed) =>
        new(heads, kvHeads, widths.Key, widths.Value, feedForward, isWindowed);

    private void CheckHeads(int[] heads, int[] kvHeads)
    {
        for (int i = 0; i < heads.Length; i++)
        {
            if (kvHeads[i] > heads[i] || (kvHeads[i] > 0 && heads[i] % kvHeads[i] != 0))
                throw _entries.Fault($"layer {i} has {heads[i]} heads, which cannot share {kvHeads[i]} key-value heads");
            bool attends = file.Find($"blk.{i}.attn_q.weight") is not null || file.Find($"blk.{i}.attn_qkv.weight") is not null;
            if (attends && kvHeads[i] == 0 && !IsMixed(_entries.Architecture))
                throw _entries.Fault($"layer {i} has attention, but {(heads[i] == 0 ? "no heads" : "no key-value heads")}");
        }
    }

    private HeadWidths Widths(int width, int heads)
    {
        if (heads == 0)
            return default;
        int key = _entries.Integer("attention.key_length", 1, MaxHeadWidth, otherwise: width / heads);
        int value = _entries.Integer("attention.value_length", 1, MaxHeadWidth, otherwise: width / heads);
        if (key == 0 || value == 0)
            throw _entries.Fault($"{heads} heads cannot share a width of {width}");
        CheckRotated("rope.dimension_count", key);
        return new(key, value);
    }

    private HeadWidths WindowedWidths(HeadWidths full)
    {
        int key = _entries.Integer("attention.key_length_swa", 1, MaxHeadWidth, full.Key);
        int value = _entries.Integer("attention.value_length_swa", 1, MaxHeadWidth, full.Value);
        CheckRotated("rope.dimension_count_swa", key);
        return new(key, value);
    }

    private void CheckRotated(string entry, int headWidth)
    {
        // Files with attention on a compressed key (DeepSeek) rotate a part that this width does not bound.
        if (_entries.Optional(entry, 0, MaxHeadWidth) is { } rotated
            && (rotated % 2 != 0 || (rotated > headWidth && !_entries.Contains("attention.kv_lora_rank"))))
            throw _entries.Fault($"{_entries.Architecture}.{entry} is {rotated}; an even number of at most {headWidth} is needed");
    }

    /// <summary>Which layers are windowed, as llama.cpp decides it: by architecture, with the period from the file.</summary>
    private (int Window, bool[] Windowed) Windows(int layers)
    {
        var windowed = new bool[layers];
        if (WindowedArchitecture.Find(_entries.Architecture) is not { } architecture)
            return (0, windowed);
        int window = _entries.Integer("attention.sliding_window", 0, MaxContext, architecture.Window);
        if (window == 0 && architecture.IsOptional)
            return (0, windowed);
        int period = _entries.IsArray("attention.sliding_window_pattern")
            ? architecture.Period
            : _entries.Integer("attention.sliding_window_pattern", 0, MaxLayers, architecture.Period);
        if (window == 0 || period == 1)
            throw _entries.Fault($"{_entries.Architecture} needs windowed layers, but its window is {window} and every layer of {period} is not windowed");
        for (int i = 0; i < layers; i++)
            windowed[i] = period == 0 || i % period < period - 1;
        return (window, windowed);
    }

    private void CheckExperts(int layers)
    {
        int experts = _entries.Integer("expert_count", 0, MaxExperts, otherwise: 0);
        int groups = _entries.Integer("expert_group_count", 0, MaxExperts, otherwise: 0);
        int used = _entries.PerLayer("expert_used_count", layers, 0, MaxExperts)?.Max() ?? 0;
        int usedGroups = _entries.Integer("expert_group_used_count", 0, MaxExperts, otherwise: 0);
        bool groupsFit = groups < experts && (groups <= 1 || (experts % groups == 0 && usedGroups > 0 && usedGroups < groups));
        bool fits = used <= experts && (experts == 0 ? groups == 0 : used > 0 && groupsFit);
        if (!fits)
            throw _entries.Fault($"{used} of {experts} experts in {usedGroups} of {groups} groups is impossible");
        if (_entries.Optional("nextn_predict_layers", 0, MaxLayers) is { } ahead && ahead >= layers)
            throw _entries.Fault($"{ahead} of {layers} layers predict ahead; at least one must not");
    }

    private void CheckNumbers()
    {
        _entries.Number("attention.layer_norm_epsilon", 0, 1);
        _entries.Number("attention.layer_norm_rms_epsilon", 0, 1);
        _entries.Number("rope.freq_base", 1e-3f, 1e12f);
        _entries.Number("rope.freq_base_swa", 1e-3f, 1e12f);
        _entries.Number("rope.scaling.factor", 0, Large);
        _entries.Number("rope.scale_linear", 0, Large);
        _entries.Number("rope.scaling.attn_factor", -Large, Large);
        _entries.OneOf("rope.scaling.type", "none", "linear", "yarn", "longrope");
        _entries.Optional("rope.scaling.original_context_length", 1, MaxContext);
        _entries.Number("attn_logit_softcapping", 0, Large);
        _entries.Number("final_logit_softcapping", 0, Large);
        _entries.Optional("pooling_type", 0, MaxPoolingType);
        _entries.Optional("embedding_length_out", 1, MaxWidth);
    }

    private readonly record struct HeadWidths(int Key, int Value);
}
