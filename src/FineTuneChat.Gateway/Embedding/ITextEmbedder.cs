namespace FineTuneChat.Gateway.Embedding;

/// <summary>Turns texts into vectors of length 1: the product of two says how alike they are in meaning, from -1 to 1.</summary>
internal interface ITextEmbedder
{
    /// <summary>Whose vectors these are. Those of different models cannot be compared: what is stored is stored with this name.</summary>
    string Model { get; }

    /// <summary>Numbers in a vector.</summary>
    int Dimensions { get; }

    /// <summary>Vectors of texts, in their order; null where no embedder can be had now, so that one goes on without.</summary>
    /// <param name="texts">Any length; what is beyond the model's context is not read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<float[][]?> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);
}
