using System.Collections.Concurrent;
using FineTuneChat.Gateway.Learning.Examples;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>
/// What was erased and may still be known to a version, until that has been looked into: in memory alone. Whoever restarts the server gives up the look.
/// </summary>
internal sealed class ErasedTexts
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<ErasedText>> _kept = new();

    public void Keep(string erasure, IReadOnlyList<ErasedText> texts) => _kept[erasure] = texts;

    /// <summary>Null: the server was restarted since.</summary>
    public IReadOnlyList<ErasedText>? Find(string erasure) => _kept.GetValueOrDefault(erasure);

    public void Drop(string erasure) => _kept.TryRemove(erasure, out _);

    /// <summary>Of all erasures, each text once.</summary>
    public IReadOnlyList<ErasedText> All() => [.. _kept.Values.SelectMany(texts => texts).DistinctBy(text => text.Key)];
}

/// <summary>An erased example.</summary>
/// <param name="Sha256">By which its certificate names it.</param>
/// <param name="Key">Equal for examples that say the same.</param>
/// <param name="Row">As a dataset would have it.</param>
internal sealed record ErasedText(string Sha256, DedupKey Key, string Row);
