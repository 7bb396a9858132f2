using FineTuneChat.Chat.Encoding;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Lora.Peft;
using FineTuneChat.Training.Objectives;
using FineTuneChat.Training.Optimization;

namespace FineTuneChat.Training.Runs;

/// <summary>One LoRA fine-tuning: trains, keeps checkpoints, writes the adapter as GGUF and as PEFT's two files.</summary>
/// <param name="model">The frozen base.</param>
/// <param name="objective">What to learn, at least one row.</param>
/// <param name="validation">Held out; null: nothing is.</param>
/// <param name="options">How.</param>
/// <param name="folder">Where adapter and checkpoint are written.</param>
/// <param name="time">The clock.</param>
public sealed class FineTuneRun(
    MappedModel model, Objective objective, Objective? validation, FineTuneOptions options, string folder, TimeProvider time)
{
    /// <summary>Supervised fine-tuning.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="examples">What to learn, at least one.</param>
    /// <param name="validation">Held out, may be empty.</param>
    /// <param name="options">How.</param>
    /// <param name="folder">Where adapter and checkpoint are written.</param>
    /// <param name="time">The clock.</param>
    public FineTuneRun(
        MappedModel model, IReadOnlyList<TrainingExample> examples, IReadOnlyList<TrainingExample> validation, FineTuneOptions options,
        string folder, TimeProvider time)
        : this(
            model, new SupervisedObjective(examples), validation.Count == 0 ? null : new SupervisedObjective(validation), options, folder, time)
    {
    }

    /// <summary>The adapter's file.</summary>
    public string AdapterPath => Path.Combine(folder, "adapter.gguf");

    /// <summary>The files that the run is made of. Default: unknown, and the same for all runs.</summary>
    public RunSources Sources { get; init; } = new();

    /// <summary>Whether a run that is to be resumed starts over where the checkpoint is of another run. Default: false, it is refused.</summary>
    public bool RestartsIfChanged { get; init; }

    /// <summary>
    /// What must be learned. Where the options leave the epochs open, the run keeps its peak learning rate until nearly all of them would be written
    /// as they are, or no more of them is learned, and only then lets it fall and ends. Default: none, the number of passes is fixed.
    /// </summary>
    public IReadOnlyList<Lesson> MustLearn { get; init; } = [];

    /// <summary>
    /// Whether tokens of the replies that the base can hardly write get rows of their own in its head (<see cref="TokenRows"/>). Default: true.
    /// </summary>
    public bool TrainsUndertrainedTokens { get; init; } = true;

    /// <summary>Is told in a sentence why a checkpoint is not taken up and the run starts over; null: nobody is.</summary>
    public Action<string>? Told { get; init; }

    /// <summary>Makes the run wait between micro-batches; null: nobody does.</summary>
    public PauseGate? Pause { get; init; }

    /// <summary>Is told what the run will take, before the first step.</summary>
    public Action<RunEstimate>? Estimated { get; init; }

    /// <summary>Bytes that the run may take; null: what is free.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Computes in place of the device that the options name; null: that one does.</summary>
    internal ComputeDevice? Device { get; init; }

    private string CheckpointPath => Path.Combine(folder, "checkpoint.gguf");

    private string BestPath => Path.Combine(folder, "best.gguf");

    private bool EndsWhenLearned => MustLearn.Count > 0 && options.Epochs is null;

    private bool StopsEarly => options.EarlyStopping > 0 && validation is not null;

    /// <summary>Trains to the end.</summary>
    /// <param name="threads">Compute threads.</param>
    /// <param name="resume">Go on from the folder's checkpoint, where there is one.</param>
    /// <param name="report">Receives progress after every step.</param>
    /// <param name="cancellation">Ends the run between micro-batches, with a checkpoint.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is of another run, or the base gives no finite loss; nothing is changed.</exception>
    /// <exception cref="NotFiniteNumberException">The training diverged.</exception>
    /// <exception cref="NotSupportedException">The base's architecture has no training graph.</exception>
    /// <exception cref="OutOfMemoryException">The run does not fit the memory that is free.</exception>
    /// <exception cref="IOException">It does not fit the disk, or a file cannot be read or written.</exception>
    public FineTuneResult Run(int threads, bool resume, Action<TrainingProgress> report, CancellationToken cancellation)
    {
        // 1. Adapter, optimiser and state: new, or as the checkpoint has them.
        options.Validate();
        DecoderShape shape = DecoderShape.FromGguf(model.File, options.Rope);
        var course = new RunCourse(options, objective.Rows, EndsWhenLearned, PeakRate(shape));
        RunIdentity identity = FineTuneIdentity.Of(options, Sources, course.Order.Epochs, PeakRate(shape), shape, objective.Method);
        bool goesOn = resume && Checkpoint.IsOf(CheckpointPath, identity, "without --resume", RestartsIfChanged, Told);
        using LoraAdapter adapter = NewAdapter(threads, cancellation);
        var optimizer = new AdamW(adapter.Parameters, new AdamWOptions { WeightDecay = options.WeightDecay });
        RunState state = goesOn ? Checkpoint.Load(CheckpointPath, adapter.Parameters, optimizer) : new RunState();

        // 2. What computes it, and what it will take.
        using PlannedRun plan = Plan(threads, shape, adapter, course.Usual);
        Estimated?.Invoke(plan.Estimate);

        // 3. Its steps.
        using var trainer = new Trainer(
            plan.Backend, shape, plan.Weights, adapter.Parameters, optimizer, course.Schedule(state), options.SequenceLength,
            options.MaxGradientNorm, plan.Estimate.GradientCheckpointing, options.Dropout, options.Seed);
        using var evaluation = new GraphCache(plan.Backend, shape, plan.Weights, GraphPurpose.Evaluate);
        var meter = new ProgressMeter(time);
        void Save(RunState reached) => Checkpoint.Save(CheckpointPath, identity, adapter.Parameters, optimizer, reached);
        var learned = new LearnedRows(MustLearn, options.SequenceLength);
        var likelihood = new SequenceLikelihood(evaluation, plan.Weights, options.SequenceLength);
        if (objective.Compares)
            Refer(likelihood, adapter, threads, cancellation);
        state = Train(course, trainer, evaluation, learned, likelihood, plan.Weights, adapter, optimizer, state, Save, meter, report, cancellation);

        // 4. The adapter of the last step, or of the best epoch.
        using LoraAdapter? best = StopsEarly ? LoraFile.Load(BestPath, model.File) : null;
        PeftAdapter.Save(folder, best ?? adapter, model.File);
        LoraFile.Save(AdapterPath, best ?? adapter, Path.GetFileName(folder)); // last: when it is there, all is
        double seconds = meter.Seconds;
        return new FineTuneResult(
            AdapterPath, optimizer.StepCount, state.EpochLoss, StopsEarly ? state.BestLoss : state.ValidationLoss, meter.Tokens,
            seconds > 0 ? meter.Tokens / seconds : 0, seconds)
        {
            UndertrainedTokens = adapter.Rows?.Tokens,
            Learned = EndsWhenLearned ? Learned(learned, evaluation, plan.Weights).Share : null,
        };
    }

    /// <summary>Tokens that the examples ask for and that no state of the base makes likely. Empty where the base stays as it is beside its adapter.</summary>
    private IReadOnlyList<int> UndertrainedTargets(int threads, CancellationToken cancellation)
    {
        bool isMerged = model[TokenRows.HeadOf(model.File)].Type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 or GgmlType.Q8_0;
        if (!TrainsUndertrainedTokens || !isMerged)
            return [];
        int[] targets = [.. objective.Wanted.SelectMany(e => e.PredictedFrom.Select(i => e.Tokens[i + 1])).Distinct()];
        using var backend = new CpuBackend(threads);
        return UndertrainedTokens.Among(model, targets, backend, cancellation);
    }

    private RunState Train(
        RunCourse course, Trainer trainer, GraphCache evaluation, LearnedRows learned, SequenceLikelihood likelihood, DecoderWeights weights,
        LoraAdapter adapter, AdamW optimizer, RunState state, Action<RunState> save, ProgressMeter meter, Action<TrainingProgress> report,
        CancellationToken cancellation)
    {
        double saved = 0;
        meter.Mark(optimizer.StepCount, 0, course.TotalSteps(state, optimizer.StepCount));
        try
        {
            while (optimizer.StepCount < trainer.Schedule.TotalSteps && !(StopsEarly && state.EpochsSinceBest >= options.EarlyStopping))
            {
                // 1. One step.
                StepResult step = trainer.Step(objective.Weigh(course.Order.Batch(optimizer.StepCount), likelihood.Of), cancellation, Pause);
                state = state.Add(step.Loss, isFirstOfEpoch: (optimizer.StepCount - 1) % course.Order.StepsPerEpoch == 0);

                // 2. At the end of each epoch: whether enough is learned, and the loss on what is held out.
                bool isEndOfEpoch = optimizer.StepCount % course.Order.StepsPerEpoch == 0, isMeasured = isEndOfEpoch && validation is not null;
                if (isEndOfEpoch && course.IsOpen(state))
                {
                    var (share, loss) = Learned(learned, evaluation, weights);
                    state = course.Judge(state.WithLearned(share, loss), optimizer.StepCount);
                    trainer.Schedule = course.Schedule(state);
                }
                int steps = course.TotalSteps(state, optimizer.StepCount);
                meter.Mark(optimizer.StepCount, step.Tokens, steps);
                if (isMeasured)
                    state = state.Measured(Loss(evaluation, likelihood, weights));
                if (isMeasured && StopsEarly && state.EpochsSinceBest == 0)
                    LoraFile.Save(BestPath, adapter, Path.GetFileName(folder));
                report(new TrainingProgress(
                    optimizer.StepCount, steps, (double)optimizer.StepCount / course.Order.StepsPerEpoch, step.Loss, isMeasured ? state.ValidationLoss : null,
                    step.LearningRate, step.GradientNorm, meter.TokensPerSecond, meter.SecondsLeft, Environment.WorkingSet)
                {
                    RewardAccuracy = step.Preferences?.Accuracy,
                    RewardMargin = step.Preferences?.Margin,
                });

                // 3. A checkpoint now and then, and at the end: a crash before the adapter is written costs nothing.
                if (meter.Seconds - saved >= options.CheckpointSeconds || optimizer.StepCount == trainer.Schedule.TotalSteps)
                {
                    save(state);
                    saved = meter.Seconds;
                }
            }
        }
        catch (OperationCanceledException)
        {
            save(state);
            throw;
        }
        catch (NotFiniteNumberException) when (FiniteWeights.FaultOf(model) is { } fault)
        {
            throw new InvalidDataException(fault);
        }

        return state;
    }

    /// <summary>Share of what must be learned that is, and the loss on it.</summary>
    private static (double Share, double Loss) Learned(LearnedRows rows, GraphCache evaluation, DecoderWeights weights)
    {
        weights.Send();
        return rows.Measure(evaluation);
    }

    private float PeakRate(DecoderShape shape) =>
        options.LearningRateMultiplier
        * (options.LearningRate ?? (FineTuneOptions.DefaultLearningRate(shape.Width) * (EndsWhenLearned ? RunCourse.OpenRate : 1)));

    private double Loss(GraphCache evaluation, SequenceLikelihood likelihood, DecoderWeights weights)
    {
        weights.Send();
        int[] all = [.. Enumerable.Range(0, validation!.Rows)];
        WeightedExamples held = validation.Weigh(all, likelihood.Of);
        double loss = held.Offset + Packer.Rows(held.Examples, options.SequenceLength, i => held.Weights[i]).Sum(row => evaluation.Run(row.Batch).Loss);
        return double.IsFinite(loss) ? loss : throw new NotFiniteNumberException($"The loss on the held-out conversations is {loss}.", loss);
    }

    /// <summary>The adapter as the run begins with it: one that has no effect, or the one that it goes on from.</summary>
    private LoraAdapter NewAdapter(int threads, CancellationToken cancellation) => options.From is { } start
        ? LoraFile.Load(start, model.File)
        : LoraAdapter.Create(model.File, options.Rank, options.EffectiveAlpha, options.Seed, options.Targets, UndertrainedTargets(threads, cancellation));

    /// <summary>The reference is the model as the run begins with it, also where it goes on from a checkpoint.</summary>
    private void Refer(SequenceLikelihood likelihood, LoraAdapter adapter, int threads, CancellationToken cancellation)
    {
        using LoraAdapter first = NewAdapter(threads, cancellation);
        float[][] reached = [.. adapter.Parameters.All.Select(p => p.Value.Read<float>())];
        foreach (Parameter parameter in adapter.Parameters.All)
            first.Parameters.Find(parameter.Name)!.Value.AsSpan<float>().CopyTo(parameter.Value.AsSpan<float>());
        objective.Refer(likelihood.Of);
        validation?.Refer(likelihood.Of);
        foreach ((Parameter parameter, float[] values) in adapter.Parameters.All.Zip(reached))
            values.CopyTo(parameter.Value.AsSpan<float>());
    }

    /// <summary>On the device of the options. When that may be any, it is the processor where a GPU cannot.</summary>
    private PlannedRun Plan(int threads, DecoderShape shape, LoraAdapter adapter, DataOrder order)
    {
        DecoderWeights weights = DecoderWeights.Frozen(model, adapter);
        var planner = new RunPlanner(model, shape, adapter, order, objective, validation, options);
        long freeMemory = MemoryLimit ?? new HostMemory().AvailableBytes();
        string? note = null;
        if ((Device ?? TrainingDevice.Find(options.Device)) is { } gpu)
        {
            try
            {
                planner.CheckRoom(gpu);
                var backend = new DeviceBackend(gpu, threads);
                return PlannedRun.On(backend, weights, placed =>
                {
                    RunEstimate estimate = planner.Plan(backend, placed, folder, freeMemory, gpu.FreeNow());
                    DeviceTrial.Run(backend, shape, placed, weights, adapter.Parameters, threads);
                    return estimate;
                });
            }
            catch (Exception e) when (options.Device == TrainingDevice.Automatic
                && e is NotSupportedException or OutOfMemoryException or NativeLibraryException)
            {
                note = e.Message;
            }
        }

        var processor = new CpuBackend(threads);
        return PlannedRun.On(processor, weights, placed => planner.Plan(processor, placed, folder, freeMemory) with { Note = note });
    }
}
