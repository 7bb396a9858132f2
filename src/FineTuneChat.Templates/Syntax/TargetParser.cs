namespace FineTuneChat.Templates.Syntax;

/// <summary>Names that statements bind: parameters, and the targets of loops, set and with.</summary>
internal sealed class TargetParser(TokenReader tokens, ExpressionParser expressions)
{
    public IReadOnlyList<Parameter> ParseParameters()
    {
        tokens.ExpectOperator("(", "before the parameters");
        return tokens.Items(")", () =>
        {
            string name = tokens.ExpectIdentifier("as a parameter");
            return new Parameter(name, tokens.SkipOperator("=") ? expressions.Parse() : null);
        });
    }

    /// <summary>Names that a loop, a set or a with binds, up to <paramref name="end"/>.</summary>
    public Target ParseTarget(string end)
    {
        Position position = tokens.Current.Position;
        var items = new List<Target> { ParseTargetItem(end) };
        bool isTuple = false;
        while (tokens.SkipOperator(","))
        {
            isTuple = true;
            if (!tokens.Current.IsOperator("(") && (tokens.Current.Kind != TokenKind.Name || tokens.Current.IsName("in")))
                break;
            items.Add(ParseTargetItem(end));
        }
        return isTuple ? new TupleTarget(position, items) : items[0];
    }

    private Target ParseTargetItem(string end)
    {
        Position position = tokens.Current.Position;
        if (tokens.SkipOperator("("))
        {
            tokens.Enter();
            Target inner = ParseTarget(")");
            tokens.Leave();
            tokens.ExpectOperator(")", "after these names");
            return inner;
        }
        string name = tokens.ExpectIdentifier($"before '{end}'");
        if (end == "=" && tokens.SkipOperator("."))
            return new AttributeTarget(position, name, tokens.ExpectIdentifier("after '.'"));
        return name == "loop" && end == "in"
            ? throw new TemplateException(TemplateError.Syntax, "'loop' is the loop's own variable; choose another name.", position)
            : new NameTarget(position, name);
    }
}
