namespace FineTuneChat.Gguf.Models;

/// <summary>Opens files of LoRA adapters, and refuses in managed code those that llama.cpp would stop the process for.</summary>
public static class AdapterFile
{
    private const float MaxAlpha = 1e6f;
    private const string HalfA = ".lora_a", HalfB = ".lora_b", Rows = ".rows";
    private static readonly HashSet<GgmlType> Types = [GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0];

    /// <summary>Opens and checks an adapter.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <exception cref="GgufException">It is no sound GGUF file, or no LoRA adapter.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static GgufFile Open(string path)
    {
        GgufFile file = GgufFile.Open(path);
        foreach (var (key, wanted) in new[] { ("general.type", "adapter"), ("adapter.type", "lora") })
            if (file.Metadata.Text(key) != wanted)
                throw new GgufException(path, $"{key} is not '{wanted}': it is no LoRA adapter");
        if (string.IsNullOrEmpty(file.Architecture))
            throw new GgufException(path, "general.architecture is missing");
        if (file.Metadata.TryGet("adapter.lora.alpha", out object? alpha) && !(alpha is float number && MathF.Abs(number) <= MaxAlpha))
            throw new GgufException(path, $"adapter.lora.alpha is {alpha}; a 32-bit float up to {MaxAlpha} is allowed");
        foreach (GgufTensorInfo tensor in file.Tensors)
            RequirePair(file, tensor);
        return file;
    }

    /// <summary>Whether an adapter can be used beside its model; one that trains rows of single tokens can only be merged.</summary>
    /// <param name="adapter">Its header.</param>
    public static bool CanStandBeside(GgufFile adapter) => !adapter.Tensors.Any(t => t.Name.EndsWith(Rows, StringComparison.Ordinal));

    /// <summary>Checks that an adapter is of a model: of its architecture, and every pair of matrices of the size of a weight that the model has.</summary>
    /// <param name="adapter">From <see cref="Open"/>.</param>
    /// <param name="model">The model's header.</param>
    /// <exception cref="GgufException">It is of another model; the message says what shows that.</exception>
    public static void RequireFit(GgufFile adapter, GgufFile model)
    {
        if (adapter.Architecture != model.Architecture)
            throw new GgufException(adapter.Path, $"it is for models of architecture '{adapter.Architecture}', but {model.Path} is '{model.Architecture}'");
        foreach (GgufTensorInfo a in adapter.Tensors.Where(t => t.Name.EndsWith(HalfA, StringComparison.Ordinal)))
        {
            string name = a.Name[..^HalfA.Length];
            GgufTensorInfo b = adapter.Find(name + HalfB)!;
            GgufTensorInfo weight = model.Find(name)
                ?? throw new GgufException(adapter.Path, a.Offset, $"it changes '{name}', which {model.Path} does not have: it is of another model");
            (long input, long output) = IsEmbedding(name) ? (b.Dimension(1), a.Dimension(1)) : (a.Dimension(0), b.Dimension(1));
            if (input != weight.Dimension(0) || output != weight.Dimension(1))
                throw new GgufException(
                    adapter.Path, a.Offset,
                    $"its matrices for '{name}' are for a weight of [{input}, {output}], but that of {model.Path} is [{string.Join(", ", weight.Shape)}]: "
                    + "it is of another model");
        }
    }

    private static bool IsEmbedding(string name) => name.StartsWith("token_embd", StringComparison.Ordinal); // there the halves are the other way round

    private static void RequirePair(GgufFile file, GgufTensorInfo tensor)
    {
        if (tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal))
            return; // llama.cpp leaves it out
        string? other = tensor.Name.EndsWith(HalfA, StringComparison.Ordinal)
            ? tensor.Name[..^1] + "b"
            : tensor.Name.EndsWith(HalfB, StringComparison.Ordinal) ? tensor.Name[..^1] + "a" : null;
        if (tensor.Name.EndsWith(Rows, StringComparison.Ordinal))
            throw new GgufException(
                file.Path, tensor.Offset, $"it trains rows of single tokens ('{tensor.Name}'), which cannot be used beside a model: merge it with `export`");
        if (other is null || file.Find(other) is not { } pair)
            throw new GgufException(file.Path, tensor.Offset, $"tensor '{tensor.Name}' is no half of a pair of .lora_a and .lora_b");
        if (!Types.Contains(tensor.Type))
            throw new GgufException(file.Path, tensor.Offset, $"tensor '{tensor.Name}' is of type {tensor.Type}; {string.Join(", ", Types)} are allowed");
        bool isOfExperts = tensor.Name.Contains("_exps.", StringComparison.Ordinal); // one matrix for each
        if (tensor.Dimension(2) != pair.Dimension(2) || tensor.Dimension(3) != 1 || (tensor.Dimension(2) != 1 && !isOfExperts))
            throw new GgufException(
                file.Path, tensor.Offset, $"tensor '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}]; two dimensions are allowed there");
        (GgufTensorInfo a, GgufTensorInfo b) = other.EndsWith('b') ? (tensor, pair) : (pair, tensor);
        if (IsEmbedding(tensor.Name) ? a.Dimension(0) != b.Dimension(0) : a.Dimension(1) != b.Dimension(0))
            throw new GgufException(
                file.Path, tensor.Offset,
                $"the halves of '{tensor.Name[..^2]}' are of different rank: [{string.Join(", ", a.Shape)}] and [{string.Join(", ", b.Shape)}]");
    }
}
