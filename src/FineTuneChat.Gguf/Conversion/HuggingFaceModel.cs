using FineTuneChat.Gguf.Conversion.Origin;
using FineTuneChat.Gguf.Conversion.Tokenizers;
using FineTuneChat.Gguf.Safetensors;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>A model in a folder of Hugging Face's files, read and checked as far as can be without its numbers, and ready to be written as GGUF.</summary>
public sealed class HuggingFaceModel : IDisposable
{
    private readonly SafetensorsFolder _weights;
    private readonly IReadOnlyList<PlannedTensor> _tensors;
    private readonly GgufMetadata _metadata = new();
    private readonly List<string> _notes = [];

    private HuggingFaceModel(HuggingFaceFolder folder, SafetensorsFolder weights, string? source)
    {
        _weights = weights;
        var config = new ModelConfig(folder);
        ModelSizes sizes = ModelSizes.Of(config, TensorPlan.Vocabulary(folder.Path, weights.Tensors));
        var rope = new RopeConversion(config, sizes);
        _tensors = TensorPlan.Of(folder.Path, config, sizes, rope, weights.Tensors);
        Architecture = config.Architecture.Name;
        GeneralEntries.Write(folder, config, source, _tensors.Sum(t => t.Shape.Aggregate(1L, (product, size) => product * size)), _metadata);
        HyperParameters.Write(_metadata, config, sizes, rope);
        TokenizerConversion.Write(folder, config, sizes.Vocabulary, _metadata, _notes);
        if (rope.Note is not null)
            _notes.Add(rope.Note);
        if (config.Architecture.Name == "llama" && config.Optional("sliding_window", 0, int.MaxValue) is > 0 and var window && window < sizes.Context)
            _notes.Add($"llama.cpp does not use the sliding window of {window} tokens: beyond it, replies may differ from Hugging Face's.");
        if (weights.Tensors.Any(t => t.Name.Contains("vision_tower.", StringComparison.Ordinal)))
            _notes.Add("The part that sees pictures is left out: the file reads and writes text.");
    }

    /// <summary><c>general.architecture</c> of the GGUF file.</summary>
    public string Architecture { get; }

    /// <summary>What will be otherwise than at Hugging Face, in sentences; empty: nothing.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The type that the matrices are stored in; the most precise one where they differ.</summary>
    public GgmlType StoredAs
    {
        get
        {
            GgmlType[] types = [.. _tensors.Where(t => t.Shape.Count > 1).Select(t => t.Source!.Type!.Value).Distinct()];
            return types is [var only] ? only : GgmlType.F32;
        }
    }

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">With <c>config.json</c>, a tokenizer and <c>*.safetensors</c>.</param>
    /// <param name="source">Its name at the hub, <c>owner/name</c> or <c>owner/name@revision</c>; null: what the folder says.</param>
    /// <exception cref="InvalidDataException">A file is damaged, or files do not fit each other; the message says which.</exception>
    /// <exception cref="NotSupportedException">The architecture, or something in it, is not one that can be converted; the message says what can.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public static HuggingFaceModel Open(string folder, string? source = null)
    {
        HuggingFaceFolder files = HuggingFaceFolder.Open(folder);
        _ = new ModelConfig(files); // an architecture that cannot be converted is said before weights are missed
        SafetensorsFolder weights = SafetensorsFolder.Open(files.Path);
        try
        {
            return new HuggingFaceModel(files, weights, source);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>About how many bytes a file has.</summary>
    /// <param name="type">Type of its matrices.</param>
    public long BytesAs(GgmlType type) =>
        _tensors.Sum(t => GgmlTypes.RowBytes(t.TypeIn(type), t.Shape[0]) * t.Shape.Skip(1).Aggregate(1L, (product, size) => product * size));

    /// <summary>Writes the GGUF file, tensor by tensor; it appears under its name only when it is complete and on disk.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="progress">Told the share that is done, 0 to 1; null: nobody.</param>
    /// <param name="cancellation">Looked at between tensors; nothing is left behind.</param>
    /// <exception cref="InvalidDataException">A weight is not finite, or too large for the type.</exception>
    /// <exception cref="IOException">The disk is full, or a file cannot be read or written; nothing is left behind.</exception>
    public void Write(string path, GgmlType type, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var writer = new GgufWriter();
        var stream = new TensorStream(_weights);
        long done = 0, total = BytesAs(type);
        writer.Metadata.CopyFrom(_metadata);
        writer.Metadata.Set("general.file_type", type switch { GgmlType.F32 => 0u, GgmlType.F16 => 1u, _ => 32u }); // llama.cpp's numbers
        foreach (PlannedTensor tensor in _tensors)
        {
            GgmlType own = tensor.TypeIn(type);
            writer.Add(tensor.Name, own, tensor.Shape, target =>
            {
                cancellation.ThrowIfCancellationRequested();
                long start = target.Position;
                stream.Write(tensor, own, target);
                progress?.Invoke((double)(done += target.Position - start) / total);
            });
        }

        writer.Save(path);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.Dispose();
}
