namespace FineTuneChat.Templates.Syntax;

/// <summary>
/// Splits a template into text and tags, with the whitespace rules that transformers sets for chat templates:
/// trim_blocks, lstrip_blocks, one newline at the end of the source dropped, newlines normalised.
/// </summary>
internal sealed class Lexer
{
    private readonly SourceReader _source;
    private readonly List<Token> _tokens = [];

    private Lexer(string source) => _source = new SourceReader(source);

    /// <exception cref="TemplateException">The template cannot be read.</exception>
    public static List<Token> Tokenize(string source)
    {
        var lexer = new Lexer(source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        // Whether what stands before the next text ends a line: then whitespace before a tag fills the line so far.
        bool lineStarting = true;
        while (!_source.AtEnd)
        {
            int open = _source.FindTag();
            if (open < 0)
                open = _source.Length;
            AddText(open, lineStarting);
            if (_source.AtEnd)
                break;
            ReadTag();
            lineStarting = _source.Previous == '\n';
        }
        _tokens.Add(new Token(TokenKind.End, "", _source.Position));
    }

    private void AddText(int open, bool lineStarting)
    {
        Position position = _source.Position;
        string text = _source.Take(open - _source.At);
        if (!_source.AtEnd)
            text = StripBeforeTag(text, _source.Peek(1), _source.Peek(2), lineStarting);
        if (text.Length > 0)
            _tokens.Add(new Token(TokenKind.Text, text, position));
    }

    private static string StripBeforeTag(string text, char kind, char sign, bool lineStarting)
    {
        if (sign == '-')
            return text.TrimEnd();
        if (sign == '+' || kind == '{')
            return text;
        int line = text.LastIndexOf('\n') + 1;
        return (line > 0 || lineStarting) && string.IsNullOrWhiteSpace(text[line..]) ? text[..line] : text;
    }

    private void ReadTag()
    {
        Position position = _source.Position;
        char kind = _source.Peek(1);
        _source.Take(2);
        if (_source.Peek(0) is '-' or '+')
            _source.Take(1);
        switch (kind)
        {
            case '#':
                SkipComment(position);
                break;
            case '{':
                _tokens.Add(new Token(TokenKind.OutputStart, "{{", position));
                new CodeLexer(_source, _tokens, TokenKind.OutputEnd).Run(position);
                break;
            default:
                if (!ReadRaw(position))
                {
                    _tokens.Add(new Token(TokenKind.StatementStart, "{%", position));
                    new CodeLexer(_source, _tokens, TokenKind.StatementEnd).Run(position);
                }
                break;
        }
    }

    private void SkipComment(Position position)
    {
        int end = _source.Find("#}");
        if (end < 0)
            throw new TemplateException(TemplateError.Syntax, "this comment has no end; a comment is closed by '#}'.", position);
        char sign = end > _source.At ? _source[end - 1] : ' ';
        _source.Take(end + 2 - _source.At);
        _source.SkipAfterTag(sign, isStatement: true);
    }

    /// <summary><c>{% raw %}…{% endraw %}</c>: the text between, untouched.</summary>
    private bool ReadRaw(Position position)
    {
        if (_source.MatchWord("raw", out int afterOpen, out char openSign) is false)
            return false;
        _source.Take(afterOpen - _source.At);
        if (openSign == '-')
            _source.SkipWhitespace();
        Position start = _source.Position;
        for (int tag = _source.Find("{%"); tag >= 0; tag = _source.Find("{%", tag + 2))
        {
            int inside = tag + 2;
            char sign = inside < _source.Length ? _source[inside] : ' ';
            if (sign is '-' or '+')
                inside++;
            if (!_source.MatchWord("endraw", out int afterClose, out char closeSign, inside))
                continue;
            string text = _source.Take(tag - _source.At);
            text = StripBeforeTag(text, '%', sign, lineStarting: false);
            if (text.Length > 0)
                _tokens.Add(new Token(TokenKind.Text, text, start));
            _source.Take(afterClose - _source.At);
            _source.SkipAfterTag(closeSign, isStatement: true);
            return true;
        }
        throw new TemplateException(TemplateError.Syntax, "this raw block has no end; it is closed by {% endraw %}.", position);
    }
}
