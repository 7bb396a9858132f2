using System.Runtime.CompilerServices;

namespace FineTuneChat.Templates.Syntax;

/// <summary>The tokens of a template with a reading place, and the guard against nesting without end.</summary>
internal sealed class TokenReader(List<Token> tokens)
{
    // Brackets, operators' operands and blocks inside each other; real templates nest some 15 deep.
    private const int MaxNesting = 200;

    private int _at;
    private int _nesting;

    public Token Current => tokens[_at];

    public Token Next => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    /// <summary>The reading place, for <see cref="NamesSince"/>.</summary>
    public int Mark => _at;

    public Token Take()
    {
        Token token = tokens[_at];
        if (token.Kind != TokenKind.End)
            _at++;
        return token;
    }

    public bool SkipOperator(string text) => Skip(Current.IsOperator(text));

    public bool SkipName(string text) => Skip(Current.IsName(text));

    public void ExpectOperator(string text, string where)
    {
        if (!SkipOperator(text))
            throw Unexpected($"'{text}'", where);
    }

    public void ExpectName(string text, string where)
    {
        if (!SkipName(text))
            throw Unexpected($"'{text}'", where);
    }

    public string ExpectIdentifier(string where) => Expect(TokenKind.Name, "a name", where).Text;

    public Token Expect(TokenKind kind, string what, string where) => Current.Kind == kind ? Take() : throw Unexpected(what, where);

    public TemplateException Unexpected(string expected, string where) =>
        new(TemplateError.Syntax, $"{expected} expected {where}, but {Current} stands here.", Current.Position);

    public void Enter()
    {
        if (++_nesting > MaxNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException(TemplateError.Limit, $"expressions and blocks are nested deeper than the allowed {MaxNesting}.", Current.Position);
    }

    public void Leave() => _nesting--;

    /// <summary>Items with commas between, the last comma optional, up to and with the closing bracket.</summary>
    public List<T> Items<T>(string closing, Func<T> parseItem)
    {
        var items = new List<T>();
        while (!SkipOperator(closing))
        {
            if (items.Count > 0)
                ExpectOperator(",", $"before the next item or '{closing}'");
            if (SkipOperator(closing))
                break;
            items.Add(parseItem());
        }
        return items;
    }

    /// <summary>Whether a name stands between a former reading place and here.</summary>
    public bool NamesSince(int mark, string name) => tokens.FindIndex(mark, _at - mark, token => token.IsName(name)) >= 0;

    private bool Skip(bool matches)
    {
        if (matches)
            _at++;
        return matches;
    }
}
