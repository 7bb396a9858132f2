using FineTuneChat.Gguf.Safetensors;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>
/// Which tensors the GGUF file gets: those that its sizes ask for, each found under its name at Hugging Face and of the shape that is needed. What is left
/// over there would be lost, so it is refused by name.
/// </summary>
internal sealed class TensorPlan
{
    /// <summary>What is computed, not learned, or belongs to seeing and hearing.</summary>
    private static readonly string[] LeftOut = ["rotary_emb.inv_freq", "vision_tower.", "multi_modal_projector.", "vision_model.", "audio_tower."];

    private readonly string _folder;
    private readonly ModelSizes _sizes;
    private readonly HuggingFaceArchitecture _architecture;
    private readonly Dictionary<string, SafetensorsTensor> _sources;
    private readonly List<PlannedTensor> _tensors = [];

    private TensorPlan(string folder, ModelSizes sizes, HuggingFaceArchitecture architecture, IEnumerable<SafetensorsTensor> sources)
    {
        (_folder, _sizes, _architecture) = (folder, sizes, architecture);
        _sources = ByName(sources);
    }

    /// <summary>Rows of the embedding.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static int Vocabulary(string folder, IEnumerable<SafetensorsTensor> sources)
    {
        string name = HuggingFaceNames.Of("token_embd") + ".weight";
        return ByName(sources).TryGetValue(name, out SafetensorsTensor? embedding) && embedding.Shape is [> 0 and <= 1 << 24 and var rows, > 0]
            ? (int)rows
            : throw new InvalidDataException($"{folder}: its weights have no embedding '{name}'; a decoder of text is needed.");
    }

    /// <summary>The tensors in the file's order.</summary>
    /// <exception cref="InvalidDataException">One is missing, has another shape or type, or has no place.</exception>
    public static IReadOnlyList<PlannedTensor> Of(string folder, ModelConfig config, ModelSizes sizes, RopeConversion rope, IEnumerable<SafetensorsTensor> sources)
    {
        var plan = new TensorPlan(folder, sizes, config.Architecture, sources);
        bool isTied = config.Flag("tie_word_embeddings") ?? (config.Architecture.IsTiedByDefault || !plan.Has(HuggingFaceNames.Of("output")));
        plan.AddOutside(isTied, rope);
        for (int layer = 0; layer < sizes.Layers; layer++)
            plan.AddLayer(layer);
        return plan._sources.Count == 0
            ? plan._tensors
            : throw new InvalidDataException($"{folder}: '{plan._sources.Keys.Order(StringComparer.Ordinal).First()}' has no place in a model of architecture "
                + $"'{config.Architecture.Name}'{(plan._sources.Count > 1 ? $", nor have {plan._sources.Count - 1} others" : "")}.");
    }

    /// <summary>By the names of a model of text alone, whatever wraps it.</summary>
    private static Dictionary<string, SafetensorsTensor> ByName(IEnumerable<SafetensorsTensor> sources) =>
        sources.Where(t => !LeftOut.Any(part => t.Name.Contains(part, StringComparison.Ordinal)))
            .GroupBy(t => Plain(t.Name), StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    private static string Plain(string name)
    {
        string plain = name.Replace("language_model.", "", StringComparison.Ordinal);
        return plain.StartsWith("model.", StringComparison.Ordinal) || plain.StartsWith("lm_head.", StringComparison.Ordinal) ? plain : $"model.{plain}";
    }

    private void AddOutside(bool isTied, RopeConversion rope)
    {
        Add("token_embd", HuggingFaceNames.Of("token_embd"), [_sizes.Width, _sizes.Vocabulary]);
        if (isTied)
            _sources.Remove(HuggingFaceNames.Of("output") + ".weight");
        else
            Add("output", HuggingFaceNames.Of("output"), [_sizes.Width, _sizes.Vocabulary]);
        Add("output_norm", HuggingFaceNames.Of("output_norm"), [_sizes.Width]);
        foreach (var (name, values) in rope.Factors)
            _tensors.Add(new PlannedTensor(name, [values.Length], null) { Values = values });
    }

    private void AddLayer(int layer)
    {
        long width = _sizes.Width, feedForward = _sizes.FeedForward, queries = _sizes.Queries, keys = _sizes.Keys;
        Layer("attn_norm", width);
        if (_architecture.IsFused)
        {
            Layer("attn_qkv", width, queries + (2 * keys));
        }
        else
        {
            Layer("attn_q", width, queries);
            Layer("attn_k", width, keys);
            Layer("attn_v", width, keys);
        }

        if (_architecture.HeadNorms)
        {
            Layer("attn_q_norm", _sizes.HeadWidth);
            Layer("attn_k_norm", _sizes.HeadWidth);
        }

        Layer("attn_output", queries, width);
        Layer("ffn_norm", width);
        if (!_architecture.IsFused)
            Layer("ffn_gate", width, feedForward);
        Layer("ffn_up", width, _architecture.IsFused ? 2 * feedForward : feedForward);
        Layer("ffn_down", feedForward, width);
        if (_architecture.PostNorms)
        {
            Layer("post_attention_norm", width);
            Layer("post_ffw_norm", width);
        }

        void Layer(string part, params long[] shape) => Add($"blk.{layer}.{part}", HuggingFaceNames.Of(layer, part, _architecture)!, shape, part);
    }

    private void Add(string name, string module, long[] shape, string part = "")
    {
        int permuted = _architecture.PermutesHeads && part is "attn_q" or "attn_k" ? _sizes.HeadWidth : 0;
        float added = _architecture.NormsLessOne && name.EndsWith("_norm", StringComparison.Ordinal) ? 1 : 0;
        _tensors.Add(new PlannedTensor($"{name}.weight", shape, Take($"{module}.weight", shape)) { PermutedRows = permuted, Added = added });
        if (_architecture.Biases.Contains(part) && Has(module, "bias"))
            _tensors.Add(new PlannedTensor($"{name}.bias", [shape[^1]], Take($"{module}.bias", [shape[^1]])) { PermutedRows = permuted });
    }

    private bool Has(string module, string ending = "weight") => _sources.ContainsKey($"{module}.{ending}");

    private SafetensorsTensor Take(string name, long[] shape)
    {
        if (!_sources.Remove(name, out SafetensorsTensor? source))
            throw new InvalidDataException($"{_folder}: its weights lack '{name}', which config.json asks for. Download the folder again.");
        if (!source.Shape.SequenceEqual(shape.Reverse()))
            throw new InvalidDataException($"{_folder}: '{name}' is [{string.Join(", ", source.Shape)}]; config.json asks for [{string.Join(", ", shape.Reverse())}].");
        return source.Type is not null
            ? source
            : throw new NotSupportedException($"{_folder}: '{name}' is stored as {source.StoredAs}; F32, F16 and BF16 can be converted.");
    }
}
