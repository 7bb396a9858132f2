namespace FineTuneChat.Templates.Syntax;

/// <summary>A place in a template, both numbers from 1.</summary>
internal readonly record struct Position(int Line, int Column);

internal enum TokenKind
{
    Text,
    OutputStart,
    OutputEnd,
    StatementStart,
    StatementEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

internal readonly record struct Token(TokenKind Kind, string Text, Position Position)
{
    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    public bool IsName(string text) => Kind == TokenKind.Name && Text == text;

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.Text => "text",
        TokenKind.String => "a string",
        TokenKind.OutputStart => "'{{'",
        TokenKind.OutputEnd => "'}}'",
        TokenKind.StatementStart => "'{%'",
        TokenKind.StatementEnd => "'%}'",
        _ => $"'{Text}'",
    };
}
