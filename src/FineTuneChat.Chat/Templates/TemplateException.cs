using FineTuneChat.Chat.Templates.Syntax;

namespace FineTuneChat.Chat.Templates;

/// <summary>What went wrong with a chat template.</summary>
public enum TemplateError
{
    /// <summary>The template's text cannot be read.</summary>
    Syntax,

    /// <summary>The template does something with these messages that its language does not allow.</summary>
    Evaluation,

    /// <summary>The template refuses these messages by <c>raise_exception</c>: the client's fault, and the message is meant for it.</summary>
    Raised,

    /// <summary>A limit on time, steps, depth or size was passed.</summary>
    Limit,
}

/// <summary>A chat template cannot be read or rendered. The message names line and column, and what is allowed.</summary>
public sealed class TemplateException : Exception
{
    internal TemplateException(TemplateError error, string reason, Position? position = null)
        : base(position is { } at ? $"Chat template, line {at.Line}, column {at.Column}: {reason}" : reason)
    {
        Error = error;
        Reason = reason;
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

    internal TemplateException At(Position position) => new(Error, Reason, position);
}
