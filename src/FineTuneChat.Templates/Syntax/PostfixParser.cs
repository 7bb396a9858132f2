namespace FineTuneChat.Templates.Syntax;

/// <summary>What stands behind a value: attributes, subscripts, calls, filters, tests.</summary>
internal sealed class PostfixParser(TokenReader tokens, ExpressionParser expressions)
{
    /// <summary>Attributes, subscripts and calls behind a value.</summary>
    public Expression Parse(Expression value)
    {
        while (true)
        {
            Position position = tokens.Current.Position;
            if (tokens.SkipOperator("."))
                value = ParseAttribute(position, value);
            else if (tokens.SkipOperator("["))
                value = ParseSubscript(position, value);
            else if (tokens.Current.IsOperator("("))
                value = new Call(position, value, ParseArguments());
            else
                return value;
        }
    }

    private Expression ParseAttribute(Position position, Expression value)
    {
        if (tokens.Current.Kind == TokenKind.Integer)
            return new SubscriptExpression(position, value, new Literal(position, NumberLiteral.Read(tokens.Take())));
        return new AttributeExpression(position, value, tokens.ExpectIdentifier("after '.'"));
    }

    private Expression ParseSubscript(Position position, Expression value)
    {
        Expression? start = tokens.Current.IsOperator(":") ? null : expressions.ParseTuple();
        if (tokens.SkipOperator("]"))
            return new SubscriptExpression(position, value, start!);
        tokens.ExpectOperator(":", "or ']' in a subscript");
        Expression? stop = EndsSlicePart() ? null : expressions.Parse();
        Expression? step = tokens.SkipOperator(":") && !EndsSlicePart() ? expressions.Parse() : null;
        tokens.ExpectOperator("]", "after a slice");
        return new SliceExpression(position, value, start, stop, step);
    }

    private bool EndsSlicePart() => tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]");

    /// <summary>Filters, tests and calls behind a value.</summary>
    public Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            Position position = tokens.Current.Position;
            if (tokens.Current.IsOperator("|"))
                value = new FilterExpression(position, value, ParseFilter());
            else if (tokens.SkipName("is"))
                value = ParseTest(position, value);
            else if (tokens.Current.IsOperator("("))
                value = new Call(position, value, ParseArguments());
            else
                return value;
        }
    }

    /// <summary>A chain of filters; with <paramref name="first"/> the first one stands without its bar, as after <c>{% filter</c>.</summary>
    public IReadOnlyList<FilterCall> ParseFilters(bool first = false)
    {
        var filters = new List<FilterCall>();
        if (first)
            filters.Add(ParseFilterCall());
        while (tokens.Current.IsOperator("|"))
            filters.Add(ParseFilter());
        return filters;
    }

    private FilterCall ParseFilter()
    {
        tokens.ExpectOperator("|", "before a filter");
        return ParseFilterCall();
    }

    private FilterCall ParseFilterCall()
    {
        Position position = tokens.Current.Position;
        string name = tokens.ExpectIdentifier("as a filter's name");
        return new FilterCall(position, name, tokens.Current.IsOperator("(") ? ParseArguments() : []);
    }

    private TestExpression ParseTest(Position position, Expression value)
    {
        bool isNegated = tokens.SkipName("not");
        string name = tokens.ExpectIdentifier("as a test's name, after 'is'");
        IReadOnlyList<Argument> arguments = [];
        if (tokens.Current.IsOperator("("))
            arguments = ParseArguments();
        else if (StartsTestArgument())
            arguments = [new Argument(ArgumentKind.Positional, null, Parse(expressions.ParsePrimary()))];
        return new TestExpression(position, value, name, arguments, isNegated);
    }

    /// <summary><c>x is divisibleby 3</c>: one argument may stand without parentheses.</summary>
    private bool StartsTestArgument() =>
        tokens.Current.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float
        || tokens.Current.IsOperator("[") || tokens.Current.IsOperator("{")
        || (tokens.Current.Kind == TokenKind.Name && tokens.Current.Text is not ("else" or "or" or "and" or "if" or "is" or "in" or "not" or "recursive"));

    private List<Argument> ParseArguments()
    {
        tokens.ExpectOperator("(", "before arguments");
        return tokens.Items(")", ParseArgument);
    }

    private Argument ParseArgument()
    {
        if (tokens.SkipOperator("*"))
            return new Argument(ArgumentKind.Spread, null, expressions.Parse());
        if (tokens.SkipOperator("**"))
            return new Argument(ArgumentKind.SpreadNamed, null, expressions.Parse());
        if (tokens.Current.Kind != TokenKind.Name || !tokens.Next.IsOperator("="))
            return new Argument(ArgumentKind.Positional, null, expressions.Parse());
        string name = tokens.Take().Text;
        tokens.Take();
        return new Argument(ArgumentKind.Named, name, expressions.Parse());
    }
}
