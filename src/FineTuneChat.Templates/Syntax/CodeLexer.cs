namespace FineTuneChat.Templates.Syntax;

/// <summary>Reads what stands inside one tag, its end included.</summary>
internal sealed class CodeLexer(SourceReader source, List<Token> tokens, TokenKind end)
{
    private static readonly string[] Operators = ["//", "**", "==", "!=", ">=", "<=", .. "+-/*%~[](){}><=.:|,;".Select(c => c.ToString())];

    // Open brackets: "}}" inside a dict literal closes two dicts, not the tag.
    private readonly Stack<char> _brackets = [];

    private string Closing => end == TokenKind.OutputEnd ? "}}" : "%}";

    public void Run(Position opening)
    {
        while (true)
        {
            source.SkipWhitespace();
            if (source.AtEnd)
                throw new TemplateException(TemplateError.Syntax, $"this tag has no end; it is closed by '{Closing}'.", opening);
            if (_brackets.Count == 0 && ReadEnd())
                return;
            ReadToken();
        }
    }

    private bool ReadEnd()
    {
        char sign = source.Peek(0);
        bool signed = sign == '-' || (sign == '+' && end == TokenKind.StatementEnd);
        int at = signed ? 1 : 0;
        if (source.Peek(at) != Closing[0] || source.Peek(at + 1) != '}')
            return false;
        tokens.Add(new Token(end, Closing, source.Position));
        source.Take(at + 2);
        source.SkipAfterTag(signed ? sign : ' ', end == TokenKind.StatementEnd);
        return true;
    }

    private void ReadToken()
    {
        Position position = source.Position;
        char c = source.Peek(0);
        if (c is '\'' or '"')
            tokens.Add(new Token(TokenKind.String, StringLiteral.Read(source), position));
        else if (char.IsAsciiDigit(c))
            tokens.Add(ReadNumber(position));
        else if (char.IsLetter(c) || c == '_')
            tokens.Add(new Token(TokenKind.Name, TakeWhile(x => char.IsLetterOrDigit(x) || x == '_'), position));
        else
            tokens.Add(new Token(TokenKind.Operator, ReadOperator(position), position));
    }

    private Token ReadNumber(Position position)
    {
        if (source.Peek(0) == '0' && source.Peek(1) is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
            return new Token(TokenKind.Integer, TakeWhile(char.IsAsciiLetterOrDigit), position);
        string number = Digits();
        bool isFloat = false;
        // "messages.0.role" is an attribute of an attribute, not the number 0.
        bool afterDot = tokens[^1].IsOperator(".");
        if (!afterDot && source.Peek(0) == '.' && char.IsAsciiDigit(source.Peek(1)))
        {
            isFloat = true;
            number += source.Take(1) + Digits();
        }
        int exponent = source.Peek(1) is '+' or '-' ? 2 : 1;
        if (!afterDot && source.Peek(0) is 'e' or 'E' && char.IsAsciiDigit(source.Peek(exponent)))
        {
            isFloat = true;
            number += source.Take(exponent) + Digits();
        }
        return new Token(isFloat ? TokenKind.Float : TokenKind.Integer, number, position);
    }

    private string Digits() => TakeWhile(x => char.IsAsciiDigit(x) || x == '_').Replace("_", "");

    private string ReadOperator(Position position)
    {
        string text = Array.Find(Operators, source.StartsWith)
            ?? throw new TemplateException(TemplateError.Syntax,
                $"the character '{source.Peek(0)}' has no meaning inside a tag; allowed are names, numbers, strings and the operators "
                + $"{string.Join(" ", Operators)}.", position);
        if (text is "(" or "[" or "{")
            _brackets.Push(text[0]);
        else if (text is ")" or "]" or "}" && (!_brackets.TryPop(out char open) || open != (text switch { ")" => '(', "]" => '[', _ => '{' })))
            throw new TemplateException(TemplateError.Syntax, $"'{text}' closes a bracket that is not open.", position);
        return source.Take(text.Length);
    }

    private string TakeWhile(Func<char, bool> isPart)
    {
        int count = 0;
        while (isPart(source.Peek(count)))
            count++;
        return source.Take(count);
    }
}
