using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Pretraining;

/// <summary>The steps of a training of whole weights: new ones, or those of a model that goes on.</summary>
/// <param name="shape">The model's sizes.</param>
/// <param name="parameters">All of its weights, as the training begins with them.</param>
/// <param name="options">How it learns.</param>
/// <param name="checkpoint">Where its state is kept.</param>
/// <param name="identity">What it is; a checkpoint of another one is refused before.</param>
/// <param name="threads">Compute threads.</param>
/// <param name="time">The clock.</param>
internal sealed class WeightTraining(
    DecoderShape shape, ParameterSet parameters, OptimizerRecipe options, string checkpoint, RunIdentity identity, int threads, TimeProvider time)
{
    private const int LeastRowTokens = 2048, Looks = 20, MostBetweenLooks = 250;
    private const double SecondsBetweenCheckpoints = 120;

    /// <summary>Is called when the loss on what is held out has been measured, with the step.</summary>
    public Action<int>? Looked { get; init; }

    /// <summary>All steps, or those that are left.</summary>
    /// <param name="corpus">What it learns.</param>
    /// <param name="tokenizer">The model's own.</param>
    /// <param name="goesOn">Whether there is a checkpoint to take up.</param>
    /// <param name="path">What the model's file will be called.</param>
    /// <param name="report">Receives progress after every step.</param>
    /// <param name="cancellation">Ends the training after the step in progress, with a checkpoint.</param>
    /// <exception cref="NotFiniteNumberException">The training diverged.</exception>
    public PretrainResult Run(
        PretrainCorpus corpus, LlamaModel tokenizer, bool goesOn, string path, Action<TrainingProgress> report, CancellationToken cancellation)
    {
        // 1. What computes, and the state to begin with.
        var optimizer = new AdamW(
            parameters, new AdamWOptions { Beta1 = (float)options.Beta1, Beta2 = (float)options.Beta2, WeightDecay = (float)options.WeightDecay });
        RunState state = goesOn ? Checkpoint.Load(checkpoint, parameters, optimizer) : new RunState();
        var schedule = new LearningRateSchedule(
            (float)options.LearningRate, options.WarmupSteps, options.Steps, ScheduleKind.Cosine, (float)options.FinalFraction);
        IReadOnlyList<TrainingExample> heldOut = corpus.HeldOut(tokenizer);
        int rowTokens = Math.Max(LeastRowTokens, shape.Context), every = Math.Clamp(options.Steps / Looks, 1, MostBetweenLooks);
        using var backend = new CpuBackend(threads);
        DecoderWeights weights = DecoderWeights.Trained(parameters);
        using var trainer = new Trainer(
            backend, shape, weights, parameters, optimizer, schedule, rowTokens, (float)options.ClipNorm, checkpointing: false);
        using var evaluation = new GraphCache(backend, shape, weights, GraphPurpose.Evaluate);

        // 2. Steps. The corpus is replayed up to the step, so that a resumed run sees what the other would have seen.
        var meter = new ProgressMeter(time);
        double saved = 0;
        meter.Mark(optimizer.StepCount, 0, options.Steps);
        var batches = CorpusBatches.Deal(corpus.Examples(tokenizer), rowTokens, Math.Max(1, options.TokensPerStep / rowTokens)).Skip(optimizer.StepCount);
        foreach (IReadOnlyList<TrainingExample> batch in batches.Take(options.Steps - optimizer.StepCount))
        {
            StepResult step = trainer.Step(batch, CancellationToken.None);
            bool isLast = optimizer.StepCount == options.Steps, isLook = isLast || optimizer.StepCount % every == 0;
            state = state.Add(step.Loss, isFirstOfEpoch: (optimizer.StepCount - 1) % every == 0);
            if (isLook && heldOut.Count > 0)
                state = state.Measured(Packer.Pack(heldOut, rowTokens).Sum(rows => evaluation.Run(rows).Loss));
            meter.Mark(optimizer.StepCount, step.Tokens, options.Steps);
            report(new TrainingProgress(
                optimizer.StepCount, options.Steps, 0, step.Loss, isLook ? state.ValidationLoss : null, step.LearningRate, step.GradientNorm,
                meter.TokensPerSecond, meter.SecondsLeft, Environment.WorkingSet));
            if (meter.Seconds - saved > SecondsBetweenCheckpoints || cancellation.IsCancellationRequested || isLast)
            {
                Checkpoint.Save(checkpoint, identity, parameters, optimizer, state);
                saved = meter.Seconds;
            }
            cancellation.ThrowIfCancellationRequested();
            if (isLook)
                Looked?.Invoke(optimizer.StepCount);
        }
        return new PretrainResult(
            path, optimizer.StepCount, state.EpochLoss, state.ValidationLoss, meter.Tokens, meter.Seconds > 0 ? meter.Tokens / meter.Seconds : 0, meter.Seconds)
        {
            Parameters = parameters.Count,
        };
    }
}
