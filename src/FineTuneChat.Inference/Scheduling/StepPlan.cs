using System.Runtime.InteropServices;
using FineTuneChat.Inference.Running;

namespace FineTuneChat.Inference.Scheduling;

/// <summary>What one step computes: for each of some sequences, all of one adapter, its next tokens. Reused from step to step.</summary>
internal sealed class StepPlan
{
    private readonly List<Work> _work = [];

    public ReadOnlySpan<Work> Work => CollectionsMarshal.AsSpan(_work);

    /// <summary>Null = the model alone.</summary>
    public Adapter? Adapter { get; set; }

    public bool IsEmpty => _work.Count == 0;

    public void Add(Sequence sequence, int tokens) => _work.Add(new(sequence, tokens));

    public void Clear() => _work.Clear();
}

/// <summary>The next tokens of a sequence.</summary>
/// <param name="Sequence">Whose.</param>
/// <param name="Tokens">How many of its pending ones, at least 1.</param>
internal readonly record struct Work(Sequence Sequence, int Tokens)
{
    /// <summary>Whether a token can be sampled after it.</summary>
    public bool Completes => Tokens == Sequence.Pending;
}
