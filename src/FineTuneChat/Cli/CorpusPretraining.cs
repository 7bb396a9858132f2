using System.Text.Json;
using FineTuneChat.Datasets.Corpora;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Protocol;
using FineTuneChat.Training.Pretraining;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Cli;

/// <summary>What is to be learned from, and what it is to become.</summary>
/// <param name="Corpus">A file or a folder.</param>
/// <param name="Base">The model that goes on; null: a new one.</param>
/// <param name="Without">Cleaning rules that are switched off.</param>
/// <param name="HeldOutShare">Share of the text that is measured with.</param>
/// <param name="Prompts">Beginnings to go on with.</param>
/// <param name="Request">Shape and course, as far as they are given.</param>
internal sealed record CorpusOrder(
    string Corpus, string? Base, IReadOnlySet<string> Without, double HeldOutShare, IReadOnlyList<string> Prompts, CorpusRequest Request);

/// <summary>From the user's own texts to a model: read, clean, plan, train.</summary>
internal sealed class CorpusPretraining(CorpusOrder order, string folder, int threads, Action<string> tell)
{
    private const int Samples = 3;

    /// <param name="logged">Runs a training whose steps are logged and shown.</param>
    /// <param name="cancellation">Ends it after the step in progress, with a checkpoint.</param>
    public PretrainResult Run(Func<Func<Action<TrainingProgress>, PretrainResult>, PretrainResult> logged, CancellationToken cancellation)
    {
        string[] texts = Read(cancellation);
        return order.Base is null ? RunNew(texts, logged, cancellation) : RunContinued(texts, order.Base, logged, cancellation);
    }

    private string[] Read(CancellationToken cancellation)
    {
        var cleaner = new CorpusCleaner(order.Without);
        var files = new CorpusFiles(order.Corpus, line => tell($"{order.Corpus}: {line}"));
        int read = 0;
        string[] texts = [.. files.Read(cancellation).Select(document => { read++; return cleaner.Clean(document)?.Text; }).OfType<string>()];
        tell($"{read} documents, {texts.Length} to learn, {texts.Sum(t => (long)t.Length):N0} characters"
            + string.Concat(cleaner.Figures.Where(f => f.Changed + f.LeftOut > 0)
                .Select(f => $"; {f.Rule}: {f.Changed} changed, {f.LeftOut} left out")) + ".");
        return texts.Length > 0 ? texts : throw new UserException($"{order.Corpus}: nothing is left to learn. Rules are switched off with --no-clean.");
    }

    private PretrainResult RunNew(
        string[] texts, Func<Func<Action<TrainingProgress>, PretrainResult>, PretrainResult> logged, CancellationToken cancellation)
    {
        CorpusRequest request = order.Request.Name.Length > 0 ? order.Request : order.Request with { Name = Path.GetFileName(folder) };
        CorpusPlan plan = CorpusPlan.For(texts.Sum(t => (long)t.Length), request, threads, new HostMemory().AvailableBytes());
        Recipe recipe = plan.Recipe;
        var corpus = new TextCorpus(texts, recipe.Model.Context, order.HeldOutShare, recipe.Seed);
        tell($"{plan.Parameters:N0} weights ({recipe.Model.Layers} layers of width {recipe.Model.Width}, vocabulary {recipe.Tokenizer.Size}, context "
            + $"{recipe.Model.Context}); about {plan.Tokens / 1e6:F1} million tokens, seen {plan.Epochs:F1} times in {recipe.Optimizer.Steps} steps: about "
            + $"{TimeSpan.FromSeconds((long)plan.Seconds)} on {threads} threads.");
        File.WriteAllText(Path.Combine(folder, "recipe.json"), recipe.ToJson());
        using var samples = new StreamWriter(Path.Combine(folder, "samples.jsonl"), append: true) { AutoFlush = true };
        var run = new PretrainRun(recipe, corpus, folder, threads, TimeProvider.System)
        {
            Told = tell,
            Prompts = order.Prompts.Count > 0 ? order.Prompts : corpus.Beginnings(Samples),
            Sampled = sample =>
            {
                samples.WriteLine(JsonSerializer.Serialize(sample, RelaxedJson.Options));
                tell($"  {sample.Prompt} │{sample.Text.ReplaceLineEndings(" ")}");
            },
        };
        return logged(report => run.Run(report, cancellation));
    }

    private PretrainResult RunContinued(
        string[] texts, string model, Func<Func<Action<TrainingProgress>, PretrainResult>, PretrainResult> logged, CancellationToken cancellation)
    {
        CorpusRequest request = order.Request with { Epochs = order.Request.Epochs ?? 1 };
        int context = ContinuedRun.ContextFor(GgufFile.Open(model), request.Context);
        var corpus = new TextCorpus(texts, context, order.HeldOutShare, request.Seed);
        CorpusPlan plan = CorpusPlan.For(corpus.Characters, request with { Name = "continued", Context = null }, threads, long.MaxValue);
        var run = new ContinuedRun(model, corpus, plan.Recipe.Optimizer, folder, threads, TimeProvider.System)
        {
            Name = request.Name.Length > 0 ? request.Name : Path.GetFileName(folder),
            LearningRate = request.LearningRate,
            Told = tell,
        };
        return logged(report => run.Run(report, cancellation));
    }
}
