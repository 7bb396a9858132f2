using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Graphs;

/// <summary>Reads a decoder's shape from the header of its file, with llama.cpp's defaults for what the file does not say.</summary>
internal sealed class DecoderShapeReader
{
    private readonly GgufFile _file;
    private readonly RopeOptions _served;
    private readonly Architecture _architecture;

    public DecoderShapeReader(GgufFile file, RopeOptions served)
    {
        served.Require();
        _file = file;
        _served = served;
        string name = file.Architecture ?? throw new GgufException(file.Path, 0, "general.architecture is missing");
        _architecture = Architecture.Find(name) ?? throw Unsupported($"models of architecture '{name}'");
    }

    public DecoderShape Read()
    {
        int width = Positive("embedding_length"), heads = Positive("attention.head_count"), layers = Positive("block_count");
        if (layers > _file.Tensors.Count)
            throw new GgufException(_file.Path, 0, $"it declares {layers} layers, but has {_file.Tensors.Count} tensors");
        int headWidth = (int)(Integer("attention.key_length") ?? width / heads);
        GgufTensorInfo embedding = _file.Find("token_embd.weight") ?? throw new GgufException(_file.Path, 0, "it has no tensor 'token_embd.weight'");
        RopeParameters rope = Rope(headWidth);
        var shape = new DecoderShape
        {
            Architecture = _architecture,
            Layers = layers,
            Width = width,
            Heads = heads,
            KvHeads = (int)(Integer("attention.head_count_kv") ?? heads),
            HeadWidth = headWidth,
            FeedForward = Positive("feed_forward_length"),
            Vocabulary = (int)embedding.Dimension(1),
            Context = Positive("context_length"),
            NormEpsilon = (float)(Number("attention.layer_norm_rms_epsilon") ?? 1e-5),
            Rope = rope,
            FrequencyFactors = FrequencyFactors(),
            TiedHead = _file.Find("output.weight") == null,
            AttentionScale = layers == _architecture.LayersScaledByWidth ? 1f / MathF.Sqrt(width / heads) : 0,
            AttentionCap = Cap("attn_logit_softcapping", _architecture.AttentionCap),
            LogitCap = Cap("final_logit_softcapping", _architecture.LogitCap),
        };
        if (shape.KvHeads < 1 || shape.Heads % shape.KvHeads != 0)
            throw new GgufException(_file.Path, 0, $"{shape.Heads} heads cannot share {shape.KvHeads} key-value heads");
        if (headWidth < 2 || (Integer("attention.value_length") ?? headWidth) != headWidth)
            throw Unsupported($"heads of width {headWidth} for keys and {Integer("attention.value_length") ?? headWidth} for values");
        if (_architecture.SlidingWindow is { } window)
            shape = Windowed(shape, window);
        DecoderTensors.Check(shape, _file);
        return shape;
    }

    /// <summary>
    /// As llama.cpp: a factor stretches positions, YaRN (Peng et al. 2023, arXiv 2309.00071) stretches only low frequencies. What the engine is told goes
    /// before what the file says.
    /// </summary>
    private RopeParameters Rope(int headWidth)
    {
        RopeScaling own = _file.Metadata.Text(Key("rope.scaling.type")) switch
        {
            null or "linear" or "longrope" => RopeScaling.Linear,
            "none" => RopeScaling.None,
            "yarn" => RopeScaling.Yarn,
            var other => throw Unsupported($"rope scaling '{other}'"),
        };
        int dimensions = (int)(Integer("rope.dimension_count") ?? headWidth);
        if (dimensions < 2 || dimensions % 2 != 0 || dimensions > headWidth)
            throw new GgufException(_file.Path, 0, $"{Key("rope.dimension_count")} is {dimensions}; an even number of at most {headWidth} is needed");

        RopeScaling scaling = _served.Scaling ?? own;
        float scale = scaling == RopeScaling.None ? 1 : 1 / _served.Factor ?? OwnScale;
        // ggml multiplies by 1 + 0.1·ln(factor) on its own when it mixes; llama.cpp leaves that for factors above 1 and takes it back for others.
        float magnitude = scaling == RopeScaling.Yarn && scale > 1 ? 1 / (1 + (0.1f * MathF.Log(1 / scale))) : 1;
        return new RopeParameters(dimensions, _architecture.RopeMode, _served.FrequencyBase ?? OwnBase)
        {
            FrequencyScale = scale,
            ExtFactor = scaling == RopeScaling.Yarn ? 1 : 0,
            AttnFactor = magnitude * (float)(Number("rope.scaling.attn_factor") ?? 1),
            OriginalContext = _served.OriginalContext ?? (int)(Integer("rope.scaling.original_context_length") ?? Positive("context_length")),
        };
    }

    private float OwnBase => (float)(Number("rope.freq_base") ?? 10_000);

    private float OwnScale => (Number("rope.scaling.factor") ?? Number("rope.scale_linear")) is > 0 and var factor ? (float)(1 / factor) : 1;

    private string? FrequencyFactors()
    {
        string[] names = ["rope_freqs.weight", RopeFactors.AreLong(_file, _served.ServedContext) == true ? RopeFactors.Long : RopeFactors.Short];
        return names.FirstOrDefault(name => _file.Find(name) != null);
    }

    /// <summary>As llama.cpp: base and factor of windowed layers are the file's, whatever the engine is told.</summary>
    private DecoderShape Windowed(DecoderShape shape, SlidingWindow window) => shape with
    {
        Window = (int)Math.Clamp(Integer("attention.sliding_window") ?? window.Tokens, 0, int.MaxValue),
        WindowPeriod = (int)Math.Clamp(Integer("attention.sliding_window_pattern") ?? window.Period, 0, int.MaxValue),
        WindowRope = shape.Rope with
        {
            FrequencyBase = (float?)Number("rope.freq_base_swa") ?? window.RopeBase ?? OwnBase,
            FrequencyScale = window.RopeBase == null ? OwnScale : 1,
        },
    };

    private float Cap(string key, float? usual) => usual == null ? 0 : Math.Max(0, (float)(Number(key) ?? usual));

    private string Key(string key) => $"{_architecture.Name}.{key}";

    private long? Integer(string key) => _file.Metadata.Integer(Key(key));

    private double? Number(string key) => _file.Metadata.Number(Key(key));

    private int Positive(string key) => Integer(key) is > 0 and <= 1 << 24 and var value
        ? (int)value
        : throw new GgufException(_file.Path, 0, $"{Key(key)} is {Integer(key)?.ToString() ?? "missing"}; a positive number is needed");

    private NotSupportedException Unsupported(string what) =>
        new($"{_file.Path}: training {what} is not supported. Supported: {string.Join(", ", DecoderShape.Supported)}.");
}
