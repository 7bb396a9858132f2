using FineTuneChat.Chat.Encoding;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Pretraining;

/// <summary>
/// Goes on with a base on a corpus: its whole weights, where they are stored in floats and this machine's memory holds them with their moments; otherwise a
/// LoRA, which is merged at the end.
/// </summary>
/// <param name="basePath">The base's file.</param>
/// <param name="corpus">What it learns.</param>
/// <param name="options">Steps and tokens, and how whole weights learn; their learning rate is <see cref="LearningRate"/>.</param>
/// <param name="folder">Where model, progress and checkpoint are written.</param>
/// <param name="threads">Compute threads.</param>
/// <param name="time">The clock.</param>
public sealed class ContinuedRun(string basePath, PretrainCorpus corpus, OptimizerRecipe options, string folder, int threads, TimeProvider time)
{
    private const int BytesEach = 16; // of a trained number: value, gradient, two moments
    private const double MemoryShare = 0.6; // for these; the rest is for activations
    private const double UsualRate = 2e-5; // of whole weights that have learned already

    private string CheckpointPath => Path.Combine(folder, "checkpoint.gguf");

    /// <summary>The model's name in its file. Default: the base's.</summary>
    public string? Name { get; init; }

    /// <summary>Peak learning rate; null (default): 2·10⁻⁵ for whole weights, for a LoRA by the width.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Is told in a sentence what is trained, and why a checkpoint is not taken up.</summary>
    public Action<string> Told { get; init; } = _ => { };

    /// <summary>Bytes that the run may take; null: what is free.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Tokens of a window for a base of this context.</summary>
    /// <param name="model">The base's header.</param>
    /// <param name="wanted">As the user wants; null: 512 at most.</param>
    public static int ContextFor(GgufFile model, int? wanted) =>
        (int)Math.Min(wanted ?? 512, model.Metadata.Integer($"{model.Architecture}.context_length") ?? 512);

    /// <summary>Trains, taking up the folder's checkpoint where there is one.</summary>
    /// <param name="report">Receives progress after every step.</param>
    /// <param name="cancellation">Ends the run after the step in progress, with a checkpoint.</param>
    /// <exception cref="InvalidDataException">The checkpoint is of another run; nothing is changed.</exception>
    /// <exception cref="NotSupportedException">
    /// The base's architecture has no training graph; or only a LoRA of it can be trained, and the corpus is no plain text.
    /// </exception>
    /// <exception cref="NotFiniteNumberException">The training diverged.</exception>
    public PretrainResult Run(Action<TrainingProgress> report, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        using MappedModel model = MappedModel.Open(basePath);
        DecoderShape shape = DecoderShape.FromGguf(model.File);
        using LlamaModel tokenizer = LlamaModel.Load(basePath, new ModelOptions { VocabularyOnly = true });
        if (ReasonForLora(model.File) is { } reason)
        {
            if (corpus is not TextCorpus texts)
                throw new NotSupportedException($"A recipe trains all weights of a base, which cannot be done here: {reason}.");
            Told($"A LoRA is trained and merged at the end: {reason}.");
            return TrainLora(model, texts, tokenizer, report, cancellation);
        }
        Told("All weights of the base are trained.");
        return TrainWeights(model, shape, tokenizer, report, cancellation);
    }

    /// <summary>Why not all weights are trained; null: they are.</summary>
    private string? ReasonForLora(GgufFile model)
    {
        if (model.Tensors.FirstOrDefault(t => !FloatEncoding.IsFloat(t.Type)) is { } coarse)
            return $"the base is stored in {coarse.Type}, whose steps are larger than those of a training";
        if (model.Tensors.FirstOrDefault(t => t.Name.StartsWith("rope_", StringComparison.Ordinal)) is { } constant)
            return $"the base has a table that is no weight ({constant.Name})";
        long needed = BytesEach * model.Tensors.Sum(t => t.ElementCount), free = (long)(MemoryShare * (MemoryLimit ?? new HostMemory().AvailableBytes()));
        return needed > free ? $"all of its weights take {needed >> 20} MiB with their moments, and there are {free >> 20} MiB for them" : null;
    }

    private PretrainResult TrainWeights(
        MappedModel model, DecoderShape shape, LlamaModel tokenizer, Action<TrainingProgress> report, CancellationToken cancellation)
    {
        OptimizerRecipe learning = options with { LearningRate = LearningRate ?? UsualRate };
        var identity = new RunIdentity(new Dictionary<string, string>(corpus.Identity)
        {
            ["--continue"] = RunIdentity.FileContent(RunSources.HashOf(basePath)),
            ["how it learns"] = $"{learning}",
        });
        bool goesOn = Checkpoint.IsOf(CheckpointPath, identity, "after deleting the checkpoint", restarts: false, Told);
        using var parameters = new ParameterSet([.. model.File.Tensors.Select(t => (t.Name, t.Shape.ToArray(), t.Shape.Count > 1))]);
        foreach (Parameter parameter in parameters.All)
            model[parameter.Name].ToFloats().CopyTo(parameter.Value.AsSpan<float>());
        string path = Path.Combine(folder, $"model-{(model.File.Tensors.Any(t => t.Type == GgmlType.BF16) ? "BF16" : "F16")}.gguf");
        PretrainResult result = new WeightTraining(shape, parameters, learning, CheckpointPath, identity, threads, time)
            .Run(corpus, tokenizer, goesOn, path, report, cancellation);
        Write(path, model.File, parameters);
        return result;
    }

    private PretrainResult TrainLora(
        MappedModel model, TextCorpus texts, LlamaModel tokenizer, Action<TrainingProgress> report, CancellationToken cancellation)
    {
        IReadOnlyList<TrainingExample> windows = texts.Windows(tokenizer);
        int longest = Math.Max(16, windows.Max(w => w.Tokens.Length)), batch = Math.Max(1, options.TokensPerStep / longest);
        var learning = new FineTuneOptions
        {
            BatchSize = batch,
            SequenceLength = longest,
            Epochs = Math.Max(1, (int)Math.Round((double)options.Steps * batch / windows.Count)),
            LearningRate = (float?)LearningRate,
        };
        var run = new FineTuneRun(model, windows, texts.HeldOut(tokenizer), learning, folder, time)
        {
            Sources = new RunSources { Base = RunSources.HashOf(basePath), Data = texts.Identity.Values.First() },
            TrainsUndertrainedTokens = false, // plain text holds whatever it holds
            Told = Told,
        };
        FineTuneResult result = run.Run(threads, resume: true, report, cancellation);
        bool isFloat = model.File.Tensors.All(t => FloatEncoding.IsFloat(t.Type));
        ModelFileType type = isFloat ? ModelFileType.F16 : ModelFileType.Q8_0;
        string path = Path.Combine(folder, $"model-{type}.gguf");
        new ModelExport(basePath, result.Adapter, path, new ExportOptions { Type = type, Name = Name, Threads = threads }).Write(cancellation);
        return new PretrainResult(path, result.Steps, result.TrainLoss, result.ValidationLoss, result.Tokens, result.TokensPerSecond, result.Seconds)
        {
            Parameters = model.File.Tensors.Sum(t => t.ElementCount),
            Trained = "lora",
            Adapter = result.Adapter,
        };
    }

    /// <summary>The base's file with the trained weights, each in the type that it had.</summary>
    private void Write(string path, GgufFile model, ParameterSet parameters)
    {
        var writer = new GgufWriter();
        writer.Metadata.CopyFrom(model.Metadata);
        foreach ((string key, object? value) in ExportMetadata.Of(model, new ExportOptions { Type = ModelFileType.F16, Name = Name }))
        {
            if (value is null)
                writer.Metadata.Remove(key);
            else
                writer.Metadata.Set(key, value);
        }
        foreach (GgufTensorInfo tensor in model.Tensors)
        {
            Parameter trained = parameters.Find(tensor.Name)!;
            writer.Add(tensor.Name, tensor.Type, tensor.Shape, stream => ModelMerge.WriteAs(tensor.Type, trained.Value.AsSpan<float>(), stream));
        }
        writer.Save(path);
    }
}
