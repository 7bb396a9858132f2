namespace FineTuneChat.Templates;

/// <summary>
/// What one rendering may cost. Templates come with downloaded models, so they are as untrusted as any input. What a template may
/// write grows with its variables: a short chat cannot become a long text. Real templates stay below a hundredth of each limit.
/// </summary>
public sealed record TemplateLimits
{
    /// <summary>The limits used unless others are given.</summary>
    public static TemplateLimits Default { get; } = new();

    /// <summary>Characters of a template's source. Default 1,048,576; the longest real templates have some 30,000.</summary>
    public int SourceLength { get; init; } = 1 << 20;

    /// <summary>Evaluated nodes and touched items. Default 4,000,000.</summary>
    public long Steps { get; init; } = 4_000_000;

    /// <summary>Characters of one text, the output itself included, whatever the variables hold. Default 16,777,216.</summary>
    public int TextLength { get; init; } = 1 << 24;

    /// <summary>Characters that one text may have even if the variables hold nothing. Default 1,048,576.</summary>
    public int FreeText { get; init; } = 1 << 20;

    /// <summary>Characters that one text may have beyond <see cref="FreeText"/> for each character of the variables. Default 4.</summary>
    public int TextPerInput { get; init; } = 4;

    /// <summary>
    /// Characters of all texts that are built on the way, whatever the variables hold. Default 134,217,728. Less where one text may be
    /// shorter than <see cref="TextLength"/>: 16 times what one text may have.
    /// </summary>
    public long BuiltText { get; init; } = 1 << 27;

    /// <summary>Items of one <c>range()</c>. Default 100,000, as Jinja's sandbox has it.</summary>
    public int RangeLength { get; init; } = 100_000;

    /// <summary>Characters of a format of <c>strftime_now</c>. Default 200.</summary>
    public int TimeFormat { get; init; } = 200;

    /// <summary>Macro calls and recursive loops inside each other. Default 100.</summary>
    public int CallDepth { get; init; } = 100;

    /// <summary>Wall-clock time, checked every 64 steps. Default 10 seconds.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(10);
}
