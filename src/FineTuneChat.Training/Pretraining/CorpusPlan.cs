namespace FineTuneChat.Training.Pretraining;

/// <summary>What a user says of a model that is to be trained on a corpus; what is null is chosen (docs/pretraining.md).</summary>
public sealed record CorpusRequest
{
    /// <summary>The model's name.</summary>
    public string Name { get; init; } = "pretrained";

    /// <summary>Tokens of the vocabulary.</summary>
    public int? VocabularySize { get; init; }

    /// <summary>Transformer blocks.</summary>
    public int? Layers { get; init; }

    /// <summary>Of the residual stream.</summary>
    public int? Width { get; init; }

    /// <summary>Query heads.</summary>
    public int? Heads { get; init; }

    /// <summary>Key and value heads.</summary>
    public int? KvHeads { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public int? FeedForward { get; init; }

    /// <summary>Tokens of context.</summary>
    public int? Context { get; init; }

    /// <summary>Passes over the corpus.</summary>
    public double? Epochs { get; init; }

    /// <summary>Optimiser steps, in place of passes.</summary>
    public int? Steps { get; init; }

    /// <summary>Tokens of a step.</summary>
    public int? TokensPerStep { get; init; }

    /// <summary>Peak learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Of starting weights and order.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How long it may take, by an estimate. Default 8.</summary>
    public double Hours { get; init; } = 8;
}

/// <summary>A shape and a course for a corpus and a machine.</summary>
/// <param name="Recipe">All of it.</param>
/// <param name="Tokens">About how many tokens the corpus has.</param>
/// <param name="Epochs">Passes over it.</param>
/// <param name="Parameters">Weights of the model.</param>
/// <param name="Seconds">About how long it will take.</param>
public sealed record CorpusPlan(Recipe Recipe, long Tokens, double Epochs, long Parameters, double Seconds)
{
    private const double TokensPerParameter = 20; // Hoffmann et al. 2022, arXiv 2203.15556
    private const long EnoughTokens = 20_000_000; // as the starter has seen
    private const double FlopsPerThread = 5e10; // the starter's training: 7.3e10
    private const int BytesPerParameter = 16, RowTokens = 2048, UsualSteps = 10_000;

    /// <summary>Largest number of characters, tokens of the vocabulary, characters in one of its tokens, tokens of context.</summary>
    private static readonly (long Characters, int Vocabulary, double CharactersPerToken, int Context)[] Sizes =
    [
        (1_000_000, 1024, 2.6, 256), (8_000_000, 2048, 3.0, 256), (40_000_000, 4096, 3.4, 512), (200_000_000, 8192, 3.8, 1024),
        (long.MaxValue, 16_384, 4.1, 1024),
    ];

    /// <summary>Width and layers.</summary>
    private static readonly (int Width, int Layers)[] Shapes = [(128, 4), (192, 6), (256, 6), (384, 8), (512, 8), (640, 10), (768, 12), (1024, 16)];

    /// <summary>Chooses what is not given. The rules and their sources stand in docs/pretraining.md.</summary>
    /// <param name="characters">Characters that are learned.</param>
    /// <param name="request">What is given.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="memory">Bytes that are free.</param>
    /// <exception cref="InvalidDataException">Something that is given is out of range; the message says what is allowed.</exception>
    public static CorpusPlan For(long characters, CorpusRequest request, int threads, long memory)
    {
        // 1. How much is seen: small corpora up to 16 times, large ones 4 times.
        var size = Sizes.First(s => characters <= s.Characters);
        long tokens = Math.Max(1, (long)(characters / size.CharactersPerToken));
        double epochs = request.Epochs ?? Math.Clamp((double)EnoughTokens / tokens, 4, 16);
        double seen = tokens * epochs;
        int vocabulary = request.VocabularySize ?? size.Vocabulary;

        // 2. The largest shape that so many tokens teach, this machine's memory holds, and the time allows.
        bool Fits(ModelRecipe shape)
        {
            long count = shape.Parameters(vocabulary);
            return count * TokensPerParameter <= seen && count * BytesPerParameter <= memory / 2 && SecondsOf(count, seen, threads) <= request.Hours * 3600;
        }
        ModelRecipe[] shapes = [.. Shapes.Select(s => Shape(request, s.Width, s.Layers, size.Context))];
        ModelRecipe model = shapes.LastOrDefault(Fits) ?? shapes[0];
        long parameters = model.Parameters(vocabulary);

        // 3. Its course.
        int perStep = request.TokensPerStep ?? (RowTokens * (int)Math.Clamp(Math.Round(seen / RowTokens / UsualSteps), 1, 16));
        perStep = Math.Max(perStep, model.Context);
        int steps = request.Steps ?? (int)Math.Clamp(seen / perStep, 1, 1_000_000);
        double rate = request.LearningRate ?? Math.Min(3e-3, 1.2e-3 * Math.Sqrt(256.0 / model.Width));
        int warmup = Math.Min(steps, Math.Clamp(steps / 20, 3, 100));
        var course = new OptimizerRecipe(steps, perStep, Math.Round(rate, 6), 0.05, warmup, 0.9, 0.99, 0.05, 1);
        var recipe = new Recipe(request.Name, request.Seed, new TokenizerRecipe(vocabulary, 1_000), model, course);
        string[] faults = [.. RecipeRules.Check(recipe)];
        if (faults.Length > 0)
            throw new InvalidDataException($"{string.Join("; ", faults)}.");
        double all = (double)steps * perStep;
        return new CorpusPlan(recipe, tokens, all / tokens, parameters, SecondsOf(parameters, all, threads));
    }

    private static ModelRecipe Shape(CorpusRequest request, int usualWidth, int layers, int context)
    {
        int width = request.Width ?? usualWidth, heads = request.Heads ?? Math.Max(2, width / 64);
        int kvHeads = request.KvHeads ?? (heads % 2 == 0 ? heads / 2 : heads);
        int feedForward = request.FeedForward ?? RoundedUp(3 * width, width % 256 == 0 ? 256 : 32);
        return new ModelRecipe(width, request.Layers ?? layers, heads, kvHeads, feedForward, 10_000, request.Context ?? context);
    }

    private static int RoundedUp(int number, int unit) => (number + unit - 1) / unit * unit;

    /// <summary>6 operations for each weight and token: forward 2, backward 4.</summary>
    private static double SecondsOf(long parameters, double tokens, int threads) => 6 * parameters * tokens / (FlopsPerThread * threads);
}
