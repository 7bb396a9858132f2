namespace FineTuneChat.Training.Runs;

/// <summary>Speed and time left of a run, over the last steps.</summary>
internal sealed class ProgressMeter(TimeProvider time)
{
    private const int Window = 50;

    private readonly Queue<(long At, long Tokens, int Step)> _recent = [];
    private readonly long _started = time.GetTimestamp();
    private long _tokens;

    public double Seconds => time.GetElapsedTime(_started).TotalSeconds;

    public long Tokens => _tokens;

    public double TokensPerSecond { get; private set; }

    public double SecondsLeft { get; private set; }

    /// <summary>Call before the first step and after each.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="tokens">Of the last one.</param>
    /// <param name="totalSteps">Of the run, as far as is known.</param>
    public void Mark(int step, int tokens, int totalSteps)
    {
        _tokens += tokens;
        _recent.Enqueue((time.GetTimestamp(), _tokens, step));
        if (_recent.Count > Window)
            _recent.Dequeue();
        var first = _recent.Peek();
        double seconds = time.GetElapsedTime(first.At).TotalSeconds;
        if (step > first.Step && seconds > 0)
        {
            TokensPerSecond = (_tokens - first.Tokens) / seconds;
            SecondsLeft = (totalSteps - step) * seconds / (step - first.Step);
        }
    }
}
