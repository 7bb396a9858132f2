using System.Collections.Concurrent;
using FineTuneChat.Gguf;

namespace FineTuneChat.Gateway.Models;

/// <summary>What lists of models say about one: read from the head of its file.</summary>
/// <param name="Type">As LM Studio names it: <c>llm</c>, or <c>embeddings</c> for models that write no text.</param>
/// <param name="ContextLength">The most tokens that it reads; null: its file does not say.</param>
internal sealed record ModelFacts(string Type, int? ContextLength)
{
    private static readonly ConcurrentDictionary<(string Path, DateTimeOffset ModifiedAt), ModelFacts> Known = new();

    /// <summary>Of a file; of one that cannot be read, nothing but that it is taken for a language model.</summary>
    public static ModelFacts Of(LocalModel model) => Known.GetOrAdd((model.Path, model.ModifiedAt), static key => Read(key.Path));

    private static ModelFacts Read(string path)
    {
        try
        {
            GgufFile file = GgufFile.Open(path);
            bool isPooled = file.Metadata.Integer($"{file.Architecture}.pooling_type") is > 0;
            long? context = file.Metadata.Integer($"{file.Architecture}.context_length");
            return new(isPooled ? "embeddings" : "llm", context is { } length ? (int)Math.Min(int.MaxValue, length) : null);
        }
        catch (Exception e) when (e is GgufException or IOException or UnauthorizedAccessException)
        {
            return new("llm", null);
        }
    }
}
