namespace FineTuneChat.Inference;

/// <summary>What the loop's time is spent on, since the start. Written by its thread, read by any: each figure is right by itself.</summary>
public sealed class LoopTimes
{
    private readonly TimeProvider _clock;
    private readonly long[] _ticks = new long[Enum.GetValues<LoopPhase>().Length]; // of the clock
    private long _last;

    internal LoopTimes(TimeProvider clock) => _clock = clock;

    /// <summary>Time spent on a phase.</summary>
    public TimeSpan this[LoopPhase phase] => _clock.GetElapsedTime(0, Volatile.Read(ref _ticks[(int)phase]));

    internal void Begin() => _last = _clock.GetTimestamp();

    /// <summary>Counts the time since the last call, or since the beginning of the step, for a phase.</summary>
    internal void Passed(LoopPhase phase)
    {
        long now = _clock.GetTimestamp();
        _ticks[(int)phase] += now - _last;
        _last = now;
    }
}

/// <summary>The parts of a step.</summary>
public enum LoopPhase
{
    /// <summary>New requests, cancelled ones, what to compute.</summary>
    Plan,

    /// <summary>The model.</summary>
    Decode,

    /// <summary>The next token of each reply.</summary>
    Sample,

    /// <summary>Passing on its text.</summary>
    Publish,
}
