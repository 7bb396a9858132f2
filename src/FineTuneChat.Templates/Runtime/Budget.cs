using System.Runtime.CompilerServices;

namespace FineTuneChat.Templates.Runtime;

/// <summary>What one rendering has used of its limits.</summary>
/// <param name="limits">The limits.</param>
/// <param name="time">The clock.</param>
/// <param name="input">Characters of the variables: the more there is to write, the more may be written.</param>
internal sealed class Budget(TemplateLimits limits, TimeProvider time, long input)
{
    private const int ClockInterval = 64;
    private const int BuiltPerText = 16; // real templates build each text about three times

    private readonly long _textLength = Math.Min(limits.TextLength, limits.FreeText + (limits.TextPerInput * input));
    private readonly long _start = time.GetTimestamp();
    private long _steps;
    private long _nextClock = ClockInterval;
    private long _characters;
    private int _calls;

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
        if (length > _textLength)
            throw Exceeded($"a text grows longer than the allowed {_textLength:N0} characters");
        _characters += added;
        long built = Math.Min(limits.BuiltText, BuiltPerText * _textLength);
        if (_characters > built)
            throw Exceeded($"it builds more than the allowed {built:N0} characters of text");
        Step(added >> 6);
    }

    /// <summary>Before a piece of a text is copied: it holds on to memory as a text that is built does.</summary>
    /// <param name="length">Its characters.</param>
    /// <param name="runs">The stretches of one origin in it, each as large as four characters.</param>
    public void Copy(long length, int runs) => Characters(length, length + (4L * runs));

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
