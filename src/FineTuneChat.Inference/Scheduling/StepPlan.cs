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

    /// <summary>Tokens of all, those that are drafted not counted.</summary>
    public int Tokens { get; private set; }

    public void Add(Sequence sequence, int tokens)
    {
        _work.Add(new(sequence, tokens));
        Tokens += tokens;
    }

    public void Clear()
    {
        _work.Clear();
        Tokens = 0;
    }
}

/// <summary>The next tokens of a sequence.</summary>
/// <param name="Sequence">Whose.</param>
/// <param name="Tokens">How many of its pending ones, at least 1.</param>
internal readonly record struct Work(Sequence Sequence, int Tokens)
{
    /// <summary>Whether a token can be sampled after it.</summary>
    public bool Completes => Tokens == Sequence.Pending;

    /// <summary>Whether a reply gets its next token by it: nothing of a prompt is computed.</summary>
    public bool IsWriting => Tokens == 1 && Completes;
}
