using System.Text;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Syntax;

/// <summary>Expressions, from the loosest binding operator to the tightest: if, or, and, not, comparison, + -, ~, * / // %, **, sign, postfix.</summary>
internal sealed class ExpressionParser
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private readonly TokenReader _tokens;

    public ExpressionParser(TokenReader tokens)
    {
        _tokens = tokens;
        Postfix = new PostfixParser(tokens, this);
    }

    /// <summary>Attributes, subscripts, calls, filters and tests.</summary>
    public PostfixParser Postfix { get; }

    /// <summary>One expression.</summary>
    public Expression Parse() => ParseConditional();

    /// <summary>One expression, or several with commas between, which make a tuple.</summary>
    public Expression ParseTuple(bool withCondition = true)
    {
        Position position = _tokens.Current.Position;
        Expression first = withCondition ? Parse() : ParseOr();
        if (!_tokens.Current.IsOperator(","))
            return first;
        var items = new List<Expression> { first };
        while (_tokens.SkipOperator(",") && StartsExpression())
            items.Add(withCondition ? Parse() : ParseOr());
        return new ListExpression(position, items, IsTuple: true);
    }

    private Expression ParseConditional()
    {
        Expression value = ParseOr();
        while (_tokens.Current.IsName("if"))
        {
            Position position = _tokens.Take().Position;
            Expression condition = ParseOr();
            Expression? otherwise = _tokens.SkipName("else") ? ParseConditional() : null;
            value = new ConditionalExpression(position, condition, value, otherwise);
        }
        return value;
    }

    private Expression ParseOr()
    {
        _tokens.Enter();
        Expression left = ParseAnd();
        while (_tokens.Current.IsName("or"))
            left = new LogicalExpression(_tokens.Take().Position, IsAnd: false, left, ParseAnd());
        _tokens.Leave();
        return left;
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        while (_tokens.Current.IsName("and"))
            left = new LogicalExpression(_tokens.Take().Position, IsAnd: true, left, ParseNot());
        return left;
    }

    private Expression ParseNot()
    {
        if (!_tokens.Current.IsName("not"))
            return ParseComparison();
        _tokens.Enter();
        var not = new NotExpression(_tokens.Take().Position, ParseNot());
        _tokens.Leave();
        return not;
    }

    private Expression ParseComparison()
    {
        Position position = _tokens.Current.Position;
        Expression first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (TakeComparison() is { } comparison)
            rest.Add((comparison, ParseSum()));
        return rest.Count == 0 ? first : new ComparisonExpression(position, first, rest);
    }

    private string? TakeComparison()
    {
        if (_tokens.Current.Kind == TokenKind.Operator && Comparisons.Contains(_tokens.Current.Text))
            return _tokens.Take().Text;
        if (_tokens.SkipName("in"))
            return "in";
        if (!_tokens.Current.IsName("not") || !_tokens.Next.IsName("in"))
            return null;
        _tokens.Take();
        _tokens.Take();
        return "not in";
    }

    private Expression ParseSum() => ParseBinary(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation() => ParseBinary(ParseProduct, "~");

    private Expression ParseProduct() => ParseBinary(ParsePower, "*", "/", "//", "%");

    // Left-associative, unlike Python's own: so Jinja has it.
    private Expression ParsePower() => ParseBinary(() => ParseSign(), "**");

    private Expression ParseBinary(Func<Expression> parseOperand, params ReadOnlySpan<string> operators)
    {
        Expression left = parseOperand();
        while (_tokens.Current.Kind == TokenKind.Operator && operators.Contains(_tokens.Current.Text))
        {
            Token token = _tokens.Take();
            left = new BinaryExpression(token.Position, token.Text, left, parseOperand());
        }
        return left;
    }

    private Expression ParseSign(bool withFilters = true)
    {
        Expression value;
        if (_tokens.Current.IsOperator("-") || _tokens.Current.IsOperator("+"))
        {
            _tokens.Enter();
            Token sign = _tokens.Take();
            value = new SignExpression(sign.Position, ParseSign(withFilters: false), IsNegative: sign.Text == "-");
            _tokens.Leave();
        }
        else
        {
            value = ParsePrimary();
        }
        value = Postfix.Parse(value);
        return withFilters ? Postfix.ParseFiltersAndTests(value) : value;
    }

    /// <summary>A name, a literal, or an expression in parentheses.</summary>
    public Expression ParsePrimary()
    {
        Token token = _tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                _tokens.Take();
                return token.Text switch
                {
                    "true" or "True" => new Literal(token.Position, BoolValue.True),
                    "false" or "False" => new Literal(token.Position, BoolValue.False),
                    "none" or "None" => new Literal(token.Position, NoneValue.Instance),
                    _ => new NameExpression(token.Position, token.Text),
                };
            case TokenKind.String:
                return ParseString();
            case TokenKind.Integer or TokenKind.Float:
                _tokens.Take();
                return new Literal(token.Position, NumberLiteral.Read(token));
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses();
            case TokenKind.Operator when token.Text == "[":
                _tokens.Take();
                return new ListExpression(token.Position, _tokens.Items("]", Parse), IsTuple: false);
            case TokenKind.Operator when token.Text == "{":
                _tokens.Take();
                return new DictExpression(token.Position, _tokens.Items("}", ParseDictItem));
            default:
                throw _tokens.Unexpected("a value (a name, a string, a number, a list, a dict or an expression in parentheses)", "here");
        }
    }

    private Literal ParseString()
    {
        Position position = _tokens.Current.Position;
        var text = new StringBuilder();
        while (_tokens.Current.Kind == TokenKind.String)
            text.Append(_tokens.Take().Text);
        return new Literal(position, new TextValue(text.ToString(), Origin.Template));
    }

    private Expression ParseParentheses()
    {
        Position position = _tokens.Take().Position;
        if (_tokens.SkipOperator(")"))
            return new ListExpression(position, [], IsTuple: true);
        Expression value = ParseTuple();
        _tokens.ExpectOperator(")", "after this expression");
        return value;
    }

    private (Expression Key, Expression Value) ParseDictItem()
    {
        Expression key = Parse();
        _tokens.ExpectOperator(":", "after a dict's key");
        return (key, Parse());
    }

    private bool StartsExpression() => _tokens.Current.Kind switch
    {
        TokenKind.OutputEnd or TokenKind.StatementEnd or TokenKind.End => false,
        TokenKind.Operator => _tokens.Current.Text is "(" or "[" or "{" or "-" or "+",
        TokenKind.Name => _tokens.Current.Text is not ("if" or "in" or "recursive" or "else"),
        _ => true,
    };
}
