using System.Runtime.CompilerServices;

namespace FineTuneChat.Chat.Templates.Runtime;

/// <summary>What one rendering has used of its limits.</summary>
internal sealed class Budget(TemplateLimits limits, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _steps;
    private long _nextClock = ClockInterval;
    private long _characters;
    private int _calls;

    private const int ClockInterval = 64;

    /// <summary>One evaluated node, or <paramref name="count"/> touched items.</summary>
    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > limits.Steps)
            throw Exceeded($"it takes more than the allowed {limits.Steps:N0} steps");
        if (_steps < _nextClock)
            return;
        _nextClock = _steps + ClockInterval;
        if (time.GetElapsedTime(_start) > limits.Time)
            throw Exceeded($"it takes longer than the allowed {limits.Time.TotalSeconds:0.###} seconds");
    }

    /// <summary>A text of <paramref name="length"/> characters is about to be, <paramref name="added"/> of them new.</summary>
    public void Characters(long length, long added)
    {
        if (length > limits.TextLength)
            throw Exceeded($"a text grows longer than the allowed {limits.TextLength:N0} characters");
        _characters += added;
        if (_characters > limits.BuiltText)
            throw Exceeded($"it builds more than the allowed {limits.BuiltText:N0} characters of text");
        Step(added >> 6);
    }

    public void Range(Int128 length)
    {
        if (length > limits.RangeLength)
            throw Exceeded($"this range has {length:N0} items, at most {limits.RangeLength:N0} are allowed");
        Step((long)length);
    }

    public void EnterCall()
    {
        if (++_calls > limits.CallDepth)
            throw Exceeded($"calls are nested deeper than the allowed {limits.CallDepth}");
    }

    public void LeaveCall() => _calls--;

    /// <summary>One more block, expression or container inside another one is about to be worked on.</summary>
    public void Nest()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Exceeded("it is nested too deep");
    }

    private static TemplateException Exceeded(string what) => new(TemplateError.Limit, $"rendering was stopped: {what}.");
}
