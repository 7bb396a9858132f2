using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Optimization;

namespace FineTuneChat.Training.Runs;

/// <summary>One LoRA fine-tuning: trains, keeps checkpoints, writes <c>adapter.gguf</c>.</summary>
/// <param name="model">The frozen base.</param>
/// <param name="examples">What to learn, at least one.</param>
/// <param name="validation">Held out, may be empty.</param>
/// <param name="options">How.</param>
/// <param name="folder">Where adapter and checkpoint are written.</param>
/// <param name="identity">Base, data and options as one text: a checkpoint of another run is not taken up.</param>
/// <param name="time">The clock.</param>
public sealed class FineTuneRun(
    MappedModel model, IReadOnlyList<EncodedExample> examples, IReadOnlyList<EncodedExample> validation, FineTuneOptions options,
    string folder, string identity, TimeProvider time)
{
    /// <summary>The adapter's file.</summary>
    public string AdapterPath => Path.Combine(folder, "adapter.gguf");

    private string CheckpointPath => Path.Combine(folder, "checkpoint.gguf");

    /// <summary>Trains to the end.</summary>
    /// <param name="threads">Compute threads.</param>
    /// <param name="resume">Go on from the folder's checkpoint when it is of the same run.</param>
    /// <param name="report">Receives progress after every step.</param>
    /// <param name="cancellation">Ends the run between micro-batches, with a checkpoint.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">The base's architecture has no training graph.</exception>
    public FineTuneResult Run(int threads, bool resume, Action<TrainingProgress> report, CancellationToken cancellation)
    {
        options.Validate();
        DecoderShape shape = DecoderShape.FromGguf(model.File, options.ContextLength);
        using LoraAdapter adapter = LoraAdapter.Create(model.File, options.Rank, options.Alpha, options.Seed, options.Targets);
        var optimizer = new AdamW(adapter.Parameters, new AdamWOptions { WeightDecay = options.WeightDecay });
        if (resume)
            Checkpoint.TryLoad(CheckpointPath, identity, adapter.Parameters, optimizer);

        var order = new DataOrder(examples.Count, options.BatchSize, options.Epochs ?? FineTuneOptions.DefaultEpochs(examples.Count), options.Seed);
        var schedule = new LearningRateSchedule(
            options.LearningRate ?? FineTuneOptions.DefaultLearningRate(shape.Width),
            Math.Min(order.Steps, Math.Max(3, (int)(options.WarmupShare * order.Steps))), order.Steps, options.Decay);
        DecoderWeights weights = DecoderWeights.Frozen(model, adapter);
        using var backend = new CpuBackend(threads);
        using var trainer = new Trainer(
            backend, shape, weights, adapter.Parameters, optimizer, schedule, options.SequenceLength, options.MaxGradientNorm, checkpointing: false);
        using var evaluation = new GraphCache(backend, shape, weights, GraphPurpose.Evaluate);
        FineTuneResult result = Train(trainer, evaluation, adapter, optimizer, order, report, cancellation);
        LoraFile.Save(AdapterPath, adapter, Path.GetFileName(folder));
        return result;
    }

    private FineTuneResult Train(
        Trainer trainer, GraphCache evaluation, LoraAdapter adapter, AdamW optimizer, DataOrder order, Action<TrainingProgress> report, CancellationToken cancellation)
    {
        var meter = new ProgressMeter(time, order.Steps);
        double saved = 0, epochLoss = 0;
        double? validationLoss = null;
        int epochSteps = 0;
        meter.Mark(optimizer.StepCount, 0);
        try
        {
            while (optimizer.StepCount < order.Steps)
            {
                // 1. One step.
                EncodedExample[] batch = [.. order.Batch(optimizer.StepCount).ToArray().Select(i => examples[i])];
                StepResult step = trainer.Step(batch, cancellation);
                meter.Mark(optimizer.StepCount, step.Tokens);
                epochSteps = (optimizer.StepCount - 1) % order.StepsPerEpoch == 0 ? 1 : epochSteps + 1;
                epochLoss = epochSteps == 1 ? step.Loss : epochLoss + ((step.Loss - epochLoss) / epochSteps);

                // 2. Validation at the end of each epoch.
                validationLoss = optimizer.StepCount % order.StepsPerEpoch == 0 && validation.Count > 0 ? Loss(evaluation) : null;
                report(new TrainingProgress(
                    optimizer.StepCount, order.Steps, (double)optimizer.StepCount / order.StepsPerEpoch, step.Loss, validationLoss, step.LearningRate,
                    step.GradientNorm, meter.TokensPerSecond, meter.SecondsLeft, Environment.WorkingSet));

                // 3. A checkpoint now and then.
                if (meter.Seconds - saved >= options.CheckpointSeconds)
                {
                    Checkpoint.Save(CheckpointPath, identity, adapter.Parameters, optimizer);
                    saved = meter.Seconds;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Checkpoint.Save(CheckpointPath, identity, adapter.Parameters, optimizer);
            throw;
        }

        double seconds = meter.Seconds;
        return new FineTuneResult(AdapterPath, optimizer.StepCount, epochLoss, validationLoss, meter.Tokens, seconds > 0 ? meter.Tokens / seconds : 0, seconds);
    }

    private double Loss(GraphCache evaluation) => Packer.Pack(validation, options.SequenceLength).Sum(batch => evaluation.Run(batch).Loss);
}
