using System.Collections.Concurrent;
using FineTuneChat.Gateway.Learning.Examples;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>
/// What was erased and may still be known to a version, until that has been looked into: in memory alone. Whoever restarts the server gives up the look.
/// </summary>
internal sealed class ErasedTexts
{
    private readonly ConcurrentDictionary<string, (string Assistant, IReadOnlyList<ErasedText> Texts)> _kept = new();

    public void Keep(string erasure, string assistant, IReadOnlyList<ErasedText> texts) => _kept[erasure] = (assistant, texts);

    /// <summary>Null: the server was restarted since.</summary>
    public IReadOnlyList<ErasedText>? Find(string erasure) => _kept.GetValueOrDefault(erasure).Texts;

    public void Drop(string erasure) => _kept.TryRemove(erasure, out _);

    /// <summary>Of all erasures of an assistant's, each text once.</summary>
    public IReadOnlyList<ErasedText> All(string assistant) =>
        [.. _kept.Values.Where(kept => kept.Assistant == assistant).SelectMany(kept => kept.Texts).DistinctBy(text => text.Key)];

    /// <summary>Lets go of all that an assistant's were, which is deleted.</summary>
    public void DropAll(string assistant)
    {
        foreach ((string erasure, (string of, _)) in _kept)
            if (of == assistant)
                Drop(erasure);
    }
}

/// <summary>An erased example.</summary>
/// <param name="Sha256">By which its certificate names it.</param>
/// <param name="Key">Equal for examples that say the same.</param>
/// <param name="Row">As a dataset would have it.</param>
internal sealed record ErasedText(string Sha256, DedupKey Key, string Row);
