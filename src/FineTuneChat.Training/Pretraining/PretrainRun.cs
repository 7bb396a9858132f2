using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Pretraining.Tokenizer;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Pretraining;

/// <summary>Trains a tokenizer and a small model from nothing: corpus → vocabulary → weights → GGUF.</summary>
/// <param name="recipe">All that decides what comes out, beside the corpus.</param>
/// <param name="corpus">What it learns from.</param>
/// <param name="folder">Where <c>model-F16.gguf</c>, <c>progress.jsonl</c> and the checkpoint are written.</param>
/// <param name="threads">Compute threads; they change the time, and the last digits of sums.</param>
/// <param name="time">The clock.</param>
public sealed class PretrainRun(Recipe recipe, PretrainCorpus corpus, string folder, int threads, TimeProvider time)
{
    /// <summary>The finished model's file.</summary>
    public string ModelPath => Path.Combine(folder, "model-F16.gguf");

    private string CheckpointPath => Path.Combine(folder, "checkpoint.gguf");

    /// <summary>Is told in a sentence why a checkpoint is not taken up and the run starts over; null: nobody is.</summary>
    public Action<string>? Told { get; init; }

    /// <summary>Beginnings of texts that the model is to go on with as it learns. Default: none.</summary>
    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>Is told how it goes on with them; null: nobody is.</summary>
    public Action<PretrainSample>? Sampled { get; init; }

    /// <summary>Trains, taking up the folder's checkpoint where there is one.</summary>
    /// <param name="report">Receives progress after every step.</param>
    /// <param name="cancellation">Ends the run after the step in progress, with a checkpoint.</param>
    /// <exception cref="InvalidDataException">The checkpoint is of another recipe or corpus: the message says what differs. Nothing is changed.</exception>
    /// <exception cref="NotFiniteNumberException">The training diverged.</exception>
    public PretrainResult Run(Action<TrainingProgress> report, CancellationToken cancellation)
    {
        RunIdentity identity = recipe.Identity(corpus.Identity);
        bool goesOn = Checkpoint.IsOf(CheckpointPath, identity, "after deleting the checkpoint", restarts: false, Told);

        // 1. The vocabulary, and llama.cpp's tokeniser over it: the one that will serve the model.
        Directory.CreateDirectory(folder);
        BpeVocabulary vocabulary = BpeTrainer.Train(corpus.TokenizerTexts, recipe.Tokenizer.Size, recipe.Tokenizer.FewestUses);
        string vocabularyPath = Path.Combine(folder, "vocabulary.gguf");
        PretrainedFile.WriteVocabulary(vocabularyPath, recipe, vocabulary);
        using LlamaModel tokenizer = LlamaModel.Load(vocabularyPath, new ModelOptions { VocabularyOnly = true });

        // 2. The weights.
        DecoderShape shape = Shape(vocabulary.Size);
        using var parameters = new ParameterSet(InitialWeights.Shapes(shape));
        InitialWeights.Initialize(parameters, shape.Layers, (int)recipe.Seed);
        var training = new WeightTraining(shape, parameters, recipe.Optimizer, CheckpointPath, identity, threads, time)
        {
            Looked = step => Sample(step, vocabulary, parameters),
        };
        PretrainResult result = training.Run(corpus, tokenizer, goesOn, ModelPath, report, cancellation);

        // 3. The file.
        PretrainedFile.Write(ModelPath, recipe, vocabulary, parameters);
        return result;
    }

    private void Sample(int step, BpeVocabulary vocabulary, ParameterSet parameters)
    {
        if (Prompts.Count == 0 || Sampled is null)
            return;
        string path = Path.Combine(folder, "sampled.gguf");
        PretrainedFile.Write(path, recipe, vocabulary, parameters);
        foreach (PretrainSample sample in TextSamples.Write(path, step, Prompts, threads))
            Sampled(sample);
        File.Delete(path);
    }

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
