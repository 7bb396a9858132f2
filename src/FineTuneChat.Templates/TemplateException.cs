using FineTuneChat.Templates.Syntax;

namespace FineTuneChat.Templates;

/// <summary>What went wrong with a template.</summary>
public enum TemplateError
{
    /// <summary>The template's text cannot be read.</summary>
    Syntax,

    /// <summary>The template does something with its variables that its language does not allow.</summary>
    Evaluation,

    /// <summary>The template refuses its variables by <c>raise_exception</c>: its message is meant for the caller.</summary>
    Raised,

    /// <summary>A limit on time, steps, depth or size was passed.</summary>
    Limit,
}

/// <summary>A template cannot be read or rendered. The message names line and column, and what is allowed.</summary>
public sealed class TemplateException : Exception
{
    private const int MaxReason = 1000; // characters; a template chooses some of them

    internal TemplateException(TemplateError error, string reason, Position? position = null)
        : base(position is { } at ? $"Template, line {at.Line}, column {at.Column}: {Cut(reason)}" : Cut(reason))
    {
        Error = error;
        Reason = Cut(reason);
        Position = position;
    }

    internal TemplateException(string reason) : this(TemplateError.Evaluation, reason) { }

    /// <summary>The kind of failure.</summary>
    public TemplateError Error { get; }

    /// <summary>The message without the place.</summary>
    public string Reason { get; }

    /// <summary>Line in the template, from 1; 0 when the failure has no place.</summary>
    public int Line => Position?.Line ?? 0;

    /// <summary>Column in that line, from 1; 0 when the failure has no place.</summary>
    public int Column => Position?.Column ?? 0;

    internal Position? Position { get; }

    private static string Cut(string reason) => reason.Length <= MaxReason ? reason : string.Concat(reason.AsSpan(0, MaxReason), "…");

    internal TemplateException At(Position position) => new(Error, Reason, position);
}
