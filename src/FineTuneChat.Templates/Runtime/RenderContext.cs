namespace FineTuneChat.Templates.Runtime;

/// <summary>What filters, tests, methods and global functions may use.</summary>
/// <param name="limits">What the rendering may cost.</param>
/// <param name="time">The clock.</param>
/// <param name="input">Characters of the variables.</param>
internal sealed class RenderContext(TemplateLimits limits, TimeProvider time, long input)
{
    public Budget Budget { get; } = new(limits, time, input);

    public TemplateLimits Limits => limits;

    public TimeProvider Time => time;

    public TextBuilder NewText() => new(Budget);
}
