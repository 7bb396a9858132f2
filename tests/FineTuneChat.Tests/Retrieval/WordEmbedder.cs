using FineTuneChat.Gateway.Documents.Search;
using FineTuneChat.Gateway.Embedding;

namespace FineTuneChat.Tests.Retrieval;

/// <summary>Vectors by which words are in a text, and which of them mean the same: small, and always equal.</summary>
internal sealed class WordEmbedder : ITextEmbedder
{
    private static readonly string[][] Same = [["guarantee", "warranty", "garantia"], ["cost", "price", "precio"]];

    public string Model => "words";
    public int Dimensions => 256;

    public Task<float[][]?> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) =>
        Task.FromResult<float[][]?>([.. texts.Select(Vector)]);

    private float[] Vector(string text)
    {
        var vector = new float[Dimensions];
        foreach (string stem in QueryTerms.Of(text))
            vector[Place(stem)] = 1;
        float length = MathF.Sqrt(vector.Sum(v => v * v));
        return length == 0 ? vector : [.. vector.Select(v => v / length)];
    }

    private int Place(string stem)
    {
        int meaning = Array.FindIndex(Same, words => words.Any(word => word.StartsWith(stem, StringComparison.Ordinal)));
        return meaning >= 0 ? meaning : Same.Length + (stem.Aggregate(7, (hash, c) => ((hash * 31) + c) & 0xFFFFFF) % (Dimensions - Same.Length));
    }
}
