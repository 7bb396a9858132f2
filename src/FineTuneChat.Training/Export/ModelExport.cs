using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Export;

/// <summary>Merge and quantise: from base and adapter to the file that is served, no smaller than what was learned allows.</summary>
/// <param name="basePath">The base model, best in F16, BF16 or F32.</param>
/// <param name="adapterPath">Its adapter: a GGUF file, or a folder with PEFT's files.</param>
/// <param name="outPath">The file to write; it appears under its name only when it is complete, on disk and readable.</param>
/// <param name="options">As what.</param>
public sealed class ModelExport(string basePath, string adapterPath, string outPath, ExportOptions options)
{
    /// <summary>Types that a model can be exported to.</summary>
    public static IReadOnlyList<ModelFileType> Types { get; } =
        [ModelFileType.Q4_K_M, ModelFileType.Q5_K_M, ModelFileType.Q6_K, ModelFileType.Q8_0, ModelFileType.F16, ModelFileType.BF16];

    /// <summary>Each followed by the next more precise one.</summary>
    private static readonly ModelFileType[] Ladder = [ModelFileType.Q4_K_M, ModelFileType.Q5_K_M, ModelFileType.Q6_K, ModelFileType.Q8_0, ModelFileType.F16];

    /// <summary>Writes the file.</summary>
    /// <param name="cancellation">Looked at between the parts of the work; nothing is left behind.</param>
    /// <exception cref="GgufException">A file is corrupt, or the adapter does not fit.</exception>
    /// <exception cref="InvalidDataException">The same, of PEFT's files; or base or adapter hold numbers that are not finite.</exception>
    /// <exception cref="IOException">
    /// The disk is full, a file cannot be read or written, or another export to the same file is running; nothing is left behind.
    /// </exception>
    /// <exception cref="LlamaException">llama.cpp could not quantise.</exception>
    public ExportReport Write(CancellationToken cancellation)
    {
        using var scratch = new ExportScratch(outPath);

        // 1. The merged model in high precision, and what counts in it.
        IReadOnlyDictionary<string, float[]>? importance;
        ModelFileType[] types;
        using (MappedModel model = MappedModel.Open(basePath))
        using (LoraAdapter adapter = LoraFile.Load(adapterPath, model.File))
        using (var backend = new CpuBackend(options.Threads))
        {
            FiniteWeights.Require(model, adapter, adapterPath);
            DiskSpace.Require(outPath, model.File, adapter);
            types = [.. TypesFor(model.File, adapter)];
            ModelMerge.Write(model, adapter, scratch.Merged, ExportMetadata.Of(model.File, options), backend);
            LoraFile.Save(scratch.Adapter, adapter, options.Name ?? "adapter");
            importance = options.Learned.Count > 0 && types.Any(IsCoarse)
                ? ImportanceMatrix.Compute(model, adapter, options.Learned, options.Rope, backend, cancellation)
                : null;
        }

        // 2. The first type that keeps what was learned.
        Fidelity? fidelity = options.HeldOut.Count > 0
            ? new Fidelity(LossOf(basePath, null, cancellation), LossOf(basePath, scratch.Adapter, cancellation), [])
            : null;
        foreach (ModelFileType type in types)
        {
            cancellation.ThrowIfCancellationRequested();
            ModelQuantizer.Quantize(scratch.Merged, scratch.Quantised, type, options.Threads, IsCoarse(type) ? importance : null, allowQuantizedSource: true);
            if (fidelity == null)
                return Finish(scratch, type, null);
            double loss = LossOf(scratch.Quantised, null, cancellation);
            fidelity = fidelity with { Tried = [.. fidelity.Tried, new TriedType(type, loss, fidelity.Kept(loss))] };
            if (type == types[^1] || fidelity.Kept(loss) is null or >= Fidelity.Required)
                return Finish(scratch, type, fidelity);
        }

        throw new InvalidOperationException("There is no type to export to.");
    }

    /// <summary>
    /// The type asked for and the more precise ones after it. A base of few bits begins at Q8_0: merged into its own type, small changes would be rounded
    /// away.
    /// </summary>
    private IEnumerable<ModelFileType> TypesFor(GgufFile model, LoraAdapter adapter)
    {
        bool isCoarse = adapter.Weights.Any(w => model.Find(w)!.Type is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 or GgmlType.Q8_0));
        int first = Array.IndexOf(Ladder, options.Type), least = isCoarse ? Array.IndexOf(Ladder, ModelFileType.Q8_0) : 0;
        return first < 0 ? [options.Type] : Ladder[Math.Max(first, least)..];
    }

    private static bool IsCoarse(ModelFileType type) => type is ModelFileType.Q4_K_M or ModelFileType.Q5_K_M;

    private double LossOf(string path, string? adapter, CancellationToken cancellation)
    {
        using LlamaModel model = LlamaModel.Load(path, new ModelOptions { Rope = options.Rope });
        using LoadedAdapter? beside = adapter == null ? null : new LoadedAdapter(model, adapter);
        return ModelEvaluation.Run(model, beside, options.HeldOut, options.Threads, cancellation).Loss;
    }

    private ExportReport Finish(ExportScratch scratch, ModelFileType type, Fidelity? fidelity)
    {
        long bytes = ExportScratch.Publish(scratch.Quantised, outPath);
        return new ExportReport(type, bytes, fidelity, ReasonFor(type, fidelity));
    }

    private string? ReasonFor(ModelFileType type, Fidelity? fidelity)
    {
        if (type == options.Type)
            return null;
        string[] lost = [.. fidelity?.Tried.SkipLast(1).Select(t => $"{t.Type} keeps {t.Kept:P0}") ?? []];
        return lost.Length > 0
            ? $"{string.Join(", ", lost)} of what was learned on the held-out examples; at least {Fidelity.Required:P0} are required."
            : $"The base is stored in fewer than 8 bits: merged into {options.Type}, what was learned would be rounded away.";
    }
}
