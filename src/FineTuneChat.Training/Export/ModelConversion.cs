using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Conversion;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Export;

/// <summary>From a folder of Hugging Face's files to one GGUF file, in floats or quantised.</summary>
/// <param name="folder">With <c>config.json</c>, a tokenizer and <c>*.safetensors</c>.</param>
/// <param name="outPath">The file to write; it appears under its name only when it is complete, on disk and sound.</param>
public sealed class ModelConversion(string folder, string outPath)
{
    /// <summary>Types that a model can be converted to.</summary>
    public static IReadOnlyList<ModelFileType> Types { get; } = Enum.GetValues<ModelFileType>();

    /// <summary>The file's type; null: that of the weights, F16 for those in F32.</summary>
    public ModelFileType? Type { get; init; }

    /// <summary>The model's name at the hub, <c>owner/name</c> or <c>owner/name@revision</c>; null: what the folder says.</summary>
    public string? Source { get; init; }

    /// <summary>Threads of the quantiser.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Told the share of the weights that is written, 0 to 1.</summary>
    public Action<double>? Progress { get; init; }

    /// <summary>Writes the file.</summary>
    /// <param name="cancellation">Looked at between tensors; nothing is left behind.</param>
    /// <exception cref="InvalidDataException">A file is damaged, or files do not fit each other; the message says which.</exception>
    /// <exception cref="NotSupportedException">The model is none that can be converted; the message says what can.</exception>
    /// <exception cref="IOException">The disk is full, or a file is missing or cannot be read or written; nothing is left behind.</exception>
    /// <exception cref="LlamaException">llama.cpp could not quantise.</exception>
    public ConversionReport Write(CancellationToken cancellation)
    {
        using HuggingFaceModel model = HuggingFaceModel.Open(folder, Source);
        GgmlType stored = model.StoredAs;
        ModelFileType type = Type ?? (stored == GgmlType.BF16 ? ModelFileType.BF16 : ModelFileType.F16);
        GgmlType? floats = type switch
        {
            ModelFileType.F32 => GgmlType.F32,
            ModelFileType.F16 => GgmlType.F16,
            ModelFileType.BF16 => GgmlType.BF16,
            _ => null,
        };
        DiskSpace.Require(outPath, model.BytesAs(floats ?? stored) * (floats is null ? 2 : 1), "convert");

        using var scratch = new ExportScratch(outPath);
        model.Write(scratch.Merged, floats ?? stored, Progress, cancellation);
        RequireSound(scratch.Merged);
        cancellation.ThrowIfCancellationRequested();
        if (floats is null)
            ModelQuantizer.Quantize(scratch.Merged, scratch.Quantised, type, Threads);
        long bytes = ExportScratch.Publish(floats is null ? scratch.Quantised : scratch.Merged, outPath);
        return new ConversionReport(type, model.Architecture, bytes, model.Notes);
    }

    private void RequireSound(string converted)
    {
        try
        {
            ModelFile.Check(ModelFile.Open(converted));
        }
        catch (GgufException e)
        {
            throw new InvalidDataException($"{folder} cannot be converted: {e.Reason}.", e);
        }
    }
}
