namespace FineTuneChat.Chat.Templates.Runtime;

/// <summary>What filters, tests, methods and global functions may use.</summary>
internal sealed class RenderContext(TemplateLimits limits, TimeProvider time)
{
    public Budget Budget { get; } = new(limits, time);

    public TimeProvider Time => time;

    public TextBuilder NewText() => new(Budget);
}
