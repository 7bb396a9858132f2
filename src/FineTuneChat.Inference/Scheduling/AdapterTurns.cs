using FineTuneChat.Inference.Running;

namespace FineTuneChat.Inference.Scheduling;

/// <summary>
/// Whose turn it is. A batch is computed with one adapter, so sequences of different adapters take turns: the next turn is that of the adapter whose
/// sequence has waited longest. As changing the adapter costs as much as some tokens of a small model, a turn lasts for a while, if it is used so long.
/// </summary>
/// <param name="clock">Ends the turns.</param>
internal sealed class AdapterTurns(TimeProvider clock)
{
    /// <summary>Long beside the change (1 to 10 ms), short for somebody who reads along.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMilliseconds(50);

    private Adapter? _current;
    private long _began, _step;

    /// <summary>The adapter of the next step; null = the model alone.</summary>
    /// <param name="running">All sequences that have something to compute, at least one. Those of the answer count as computed in this step.</param>
    public Adapter? Next(List<Sequence> running)
    {
        _step++;
        bool isCurrentWanted = false;
        Sequence? longest = null; // of the others
        foreach (Sequence sequence in running)
        {
            if (sequence.LastStep == 0)
                sequence.LastStep = _step; // it has just come
            if (sequence.Adapter == _current)
                isCurrentWanted = true;
            else if (longest is null || sequence.LastStep < longest.LastStep)
                longest = sequence;
        }

        if (longest is not null && (!isCurrentWanted || clock.GetElapsedTime(_began) >= Length))
            (_current, _began) = (longest.Adapter, clock.GetTimestamp());
        foreach (Sequence sequence in running)
        {
            if (sequence.Adapter == _current)
                sequence.LastStep = _step;
        }

        return _current;
    }
}
