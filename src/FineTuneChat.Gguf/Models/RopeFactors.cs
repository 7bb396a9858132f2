namespace FineTuneChat.Gguf.Models;

/// <summary>
/// Models for long contexts (Phi 3) have two sets of divisors of the rope's frequencies: with each they compute something else. llama.cpp takes the long
/// ones when the cache is larger than the context of the first training, so that the number of parallel requests and the memory that is free would decide. Here
/// the context decides that was asked for when the model was loaded: it is the same for engine, trainer and evaluation.
/// </summary>
public static class RopeFactors
{
    /// <summary>Name of the tensor for contexts beyond that of the first training.</summary>
    public const string Long = "rope_factors_long.weight";

    /// <summary>Name of the tensor for contexts up to it.</summary>
    public const string Short = "rope_factors_short.weight";

    /// <summary>Whether a model uses its long factors; null: it has no such sets.</summary>
    /// <param name="file">Its header.</param>
    /// <param name="context">Tokens of context that one request may have; 0 = as many as the model was trained for.</param>
    public static bool? AreLong(GgufFile file, int context)
    {
        if (file.Find(Long) is null && file.Find(Short) is null)
            return null;
        return (context > 0 ? context : TrainedContext(file)) > OriginalContext(file);
    }

    /// <summary>Tokens of context of the first training.</summary>
    internal static long? OriginalContext(GgufFile file) => file.Metadata.Integer(OriginalContextKey(file)) ?? TrainedContext(file);

    /// <summary>The entry that llama.cpp compares the size of the cache with.</summary>
    internal static string OriginalContextKey(GgufFile file) => $"{file.Architecture}.rope.scaling.original_context_length";

    private static long? TrainedContext(GgufFile file) => file.Metadata.Integer($"{file.Architecture}.context_length");
}
