using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Objectives;
using FineTuneChat.Training.Optimization;

namespace FineTuneChat.Training.Runs;

/// <summary>What one optimiser step gave.</summary>
/// <param name="Loss">Mean −log p over the predicted tokens, by weight.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="LearningRate">Of this step.</param>
/// <param name="Tokens">Tokens passed through the model, padding not counted.</param>
public readonly record struct StepResult(double Loss, float GradientNorm, float LearningRate, int Tokens)
{
    /// <summary>Of objectives that compare; else null.</summary>
    public PreferenceFigures? Preferences { get; init; }
}

/// <summary>The training step: pack → forward and backward → clip → AdamW.</summary>
public sealed class Trainer : IDisposable
{
    private readonly GraphCache _graphs;
    private readonly DecoderWeights _weights;
    private readonly ParameterSet _parameters;
    private readonly AdamW _optimizer;
    private readonly int _rowTokens;
    private readonly float _maxGradientNorm;
    private readonly int _seed;

    /// <summary>Prepares training; graphs are built when they are first needed.</summary>
    /// <param name="backend">Where it computes.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <param name="weights">Its weights, placed on the backend.</param>
    /// <param name="parameters">What is trained.</param>
    /// <param name="optimizer">With its moments.</param>
    /// <param name="schedule">Learning rate by step.</param>
    /// <param name="rowTokens">Tokens in a micro-batch.</param>
    /// <param name="maxGradientNorm">Clipping; 0 = off.</param>
    /// <param name="checkpointing">Save memory by computing layers twice.</param>
    /// <param name="dropout">Share of the adapter's inputs that each micro-batch leaves out.</param>
    /// <param name="seed">Which they are.</param>
    public Trainer(
        Backend backend, DecoderShape shape, DecoderWeights weights, ParameterSet parameters, AdamW optimizer, LearningRateSchedule schedule,
        int rowTokens, float maxGradientNorm, bool checkpointing, float dropout = 0, int seed = 0)
    {
        _graphs = new GraphCache(backend, shape, weights, checkpointing ? GraphPurpose.TrainCheckpointed : GraphPurpose.Train, dropout);
        _weights = weights;
        _seed = seed;
        _parameters = parameters;
        _optimizer = optimizer;
        Schedule = schedule;
        _rowTokens = rowTokens;
        _maxGradientNorm = maxGradientNorm;
    }

    /// <summary>Learning rate by step; it may be changed between steps.</summary>
    public LearningRateSchedule Schedule { get; set; }

    /// <summary>One optimiser step of supervised fine-tuning.</summary>
    /// <param name="examples">All that the step learns from.</param>
    /// <param name="cancellation">As for the other.</param>
    /// <exception cref="NotFiniteNumberException">Loss or gradient are not finite; no parameter is changed.</exception>
    public StepResult Step(IReadOnlyList<TrainingExample> examples, CancellationToken cancellation) =>
        Step(WeightedExamples.Mean(examples), cancellation);

    /// <summary>One optimiser step.</summary>
    /// <param name="step">All that it learns from.</param>
    /// <param name="cancellation">Looked at between micro-batches; a cancelled step changes no parameter.</param>
    /// <param name="pause">Where it waits between micro-batches; null: nowhere.</param>
    /// <exception cref="NotFiniteNumberException">Loss or gradient are not finite; no parameter is changed.</exception>
    public StepResult Step(WeightedExamples step, CancellationToken cancellation, PauseGate? pause = null)
    {
        _parameters.ClearGradients();
        _weights.Send();
        double loss = step.Offset;
        int microBatch = 0;
        foreach (PackedRow row in Packer.Rows(step.Examples, _rowTokens, i => step.Weights[i]))
        {
            cancellation.ThrowIfCancellationRequested();
            pause?.Pass(cancellation);
            loss += _graphs.Run(row.Batch, DropoutSeed(microBatch++)).Loss;
        }

        _weights.Fetch();
        float norm = GradientClipping.Norm(_parameters);
        if (!float.IsFinite(norm) || !double.IsFinite(loss))
            throw new NotFiniteNumberException(
                $"Training diverged at step {_optimizer.StepCount + 1}: loss {loss}, gradient norm {norm}. Use a lower learning rate.");
        float rate = Schedule.At(_optimizer.StepCount);
        _optimizer.Step(rate, GradientClipping.Scale(norm, _maxGradientNorm));
        return new StepResult(loss, norm, rate, step.Examples.Sum(e => e.Tokens.Length)) { Preferences = step.Figures };
    }

    /// <summary>A function of seed, step and micro-batch alone, so that a resumed run drops the same.</summary>
    private int DropoutSeed(int microBatch) => unchecked((_seed * 1_000_003) + (_optimizer.StepCount * 8191) + microBatch);

    /// <summary>Frees the graphs.</summary>
    public void Dispose() => _graphs.Dispose();
}
