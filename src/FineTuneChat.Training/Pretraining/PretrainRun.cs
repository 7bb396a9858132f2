using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Pretraining.Tokenizer;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Pretraining;

/// <summary>Trains a tokenizer and a small model from nothing: corpus → vocabulary → weights → GGUF.</summary>
/// <param name="recipe">All that decides what comes out.</param>
/// <param name="corpus">What it learns from.</param>
/// <param name="folder">Where <c>model-F16.gguf</c>, <c>progress.jsonl</c> and the checkpoint are written.</param>
/// <param name="threads">Compute threads; they change the time, and the last digits of sums.</param>
/// <param name="time">The clock.</param>
public sealed class PretrainRun(Recipe recipe, PretrainCorpus corpus, string folder, int threads, TimeProvider time)
{
    private const int RowTokens = 2048;
    private const double SecondsBetweenCheckpoints = 120;

    /// <summary>The finished model's file.</summary>
    public string ModelPath => Path.Combine(folder, "model-F16.gguf");

    private string CheckpointPath => Path.Combine(folder, "checkpoint.gguf");

    /// <summary>Is told in a sentence why a checkpoint is not taken up and the run starts over; null: nobody is.</summary>
    public Action<string>? Told { get; init; }

    /// <summary>Trains, taking up the folder's checkpoint where there is one.</summary>
    /// <param name="report">Receives progress after every step.</param>
    /// <param name="cancellation">Ends the run after the step in progress, with a checkpoint.</param>
    /// <returns>The last step's progress.</returns>
    /// <exception cref="InvalidDataException">The checkpoint is of another recipe: the message says what differs. Nothing is changed.</exception>
    /// <exception cref="NotFiniteNumberException">The training diverged.</exception>
    public TrainingProgress Run(Action<TrainingProgress> report, CancellationToken cancellation)
    {
        RunIdentity identity = recipe.Identity();
        bool goesOn = Checkpoint.IsOf(CheckpointPath, identity, "after deleting the checkpoint", restarts: false, Told);

        // 1. The vocabulary, and llama.cpp's tokeniser over it: the one that will serve the model.
        Directory.CreateDirectory(folder);
        BpeVocabulary vocabulary = BpeTrainer.Train(corpus.TokenizerTexts, recipe.Tokenizer.Size, recipe.Tokenizer.FewestUses);
        string vocabularyPath = Path.Combine(folder, "vocabulary.gguf");
        PretrainedFile.WriteVocabulary(vocabularyPath, recipe, vocabulary);
        using LlamaModel tokenizer = LlamaModel.Load(vocabularyPath, new ModelOptions { VocabularyOnly = true });

        // 2. Weights and optimiser, new or from the checkpoint.
        DecoderShape shape = Shape(vocabulary.Size);
        using var parameters = new ParameterSet(InitialWeights.Shapes(shape));
        InitialWeights.Initialize(parameters, shape.Layers, (int)recipe.Seed);
        OptimizerRecipe options = recipe.Optimizer;
        var optimizer = new AdamW(
            parameters, new AdamWOptions { Beta1 = (float)options.Beta1, Beta2 = (float)options.Beta2, WeightDecay = (float)options.WeightDecay });
        if (goesOn)
            Checkpoint.Load(CheckpointPath, parameters, optimizer);

        // 3. Steps. The corpus is replayed up to the step, so that a resumed run sees what the other would have seen.
        var schedule = new LearningRateSchedule(
            (float)options.LearningRate, options.WarmupSteps, options.Steps, ScheduleKind.Cosine, (float)options.FinalFraction);
        using var backend = new CpuBackend(threads);
        using var trainer = new Trainer(
            backend, shape, DecoderWeights.Trained(parameters), parameters, optimizer, schedule, RowTokens, (float)options.ClipNorm, checkpointing: false);
        ConversationEncoder encoder = ConversationEncoder.OfModel(tokenizer, PretrainedFile.ChatTemplate);
        void Save() => Checkpoint.Save(CheckpointPath, identity, parameters, optimizer, new RunState());
        TrainingProgress last = Train(trainer, optimizer, encoder, Save, report, cancellation);

        // 4. The file.
        PretrainedFile.Write(ModelPath, recipe, vocabulary, parameters);
        return last;
    }

    private TrainingProgress Train(
        Trainer trainer, AdamW optimizer, ConversationEncoder encoder, Action save, Action<TrainingProgress> report, CancellationToken cancellation)
    {
        int steps = recipe.Optimizer.Steps;
        int rows = Math.Max(1, recipe.Optimizer.TokensPerStep / RowTokens);
        var meter = new ProgressMeter(time);
        double saved = 0;
        TrainingProgress progress = new(optimizer.StepCount, steps, 0, 0, null, 0, 0, 0, 0, 0);
        meter.Mark(optimizer.StepCount, 0, steps);
        double share = recipe.Optimizer.PromptShare;
        IEnumerable<TrainingExample> examples = corpus.Conversations.SelectMany((conversation, i) => encoder
            .EncodeConversation(conversation.Messages, conversation.Tools)
            .Select(example => Math.Floor((i + 1) * share) > Math.Floor(i * share) ? Whole(example) : example));
        var batches = CorpusBatches.Deal(examples, RowTokens, rows).Skip(optimizer.StepCount);
        foreach (IReadOnlyList<TrainingExample> batch in batches.Take(steps - optimizer.StepCount))
        {
            StepResult step = trainer.Step(batch, CancellationToken.None);
            meter.Mark(optimizer.StepCount, step.Tokens, steps);
            progress = new TrainingProgress(
                optimizer.StepCount, steps, 0, step.Loss, null, step.LearningRate, step.GradientNorm, meter.TokensPerSecond, meter.SecondsLeft,
                Environment.WorkingSet);
            report(progress);
            if (meter.Seconds - saved > SecondsBetweenCheckpoints || cancellation.IsCancellationRequested || optimizer.StepCount == steps)
            {
                save();
                saved = meter.Seconds;
            }

            cancellation.ThrowIfCancellationRequested();
        }

        return progress;
    }

    /// <summary>The same with every token predicted, the user's too.</summary>
    private static TrainingExample Whole(TrainingExample example) => example with { Mask = [.. example.Mask.Select(_ => true)] };

    private DecoderShape Shape(int vocabulary)
    {
        ModelRecipe model = recipe.Model;
        return new DecoderShape
        {
            Architecture = Architecture.Find("llama")!,
            Layers = model.Layers,
            Width = model.Width,
            Heads = model.Heads,
            KvHeads = model.KvHeads,
            HeadWidth = model.HeadWidth,
            FeedForward = model.FeedForward,
            Vocabulary = vocabulary,
            Context = model.Context,
            NormEpsilon = 1e-5f,
            Rope = new RopeParameters(model.HeadWidth, RopeMode.Normal, (float)model.RopeBase),
            TiedHead = true,
        };
    }
}
