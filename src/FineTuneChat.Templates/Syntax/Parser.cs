using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Syntax;

/// <summary>Statements of a template.</summary>
internal sealed class Parser
{
    private const string Allowed = "for, if, set, macro, call, filter, with, generation, break, continue, raw";

    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private readonly TargetParser _targets;
    private int _loops;

    private Parser(string source)
    {
        _tokens = new TokenReader(Lexer.Tokenize(source));
        _expressions = new ExpressionParser(_tokens);
        _targets = new TargetParser(_tokens, _expressions);
    }

    /// <exception cref="TemplateException">The template cannot be read.</exception>
    public static Block Parse(string source)
    {
        var parser = new Parser(source);
        Block template = parser.ParseBody();
        if (parser._tokens.Current.Kind != TokenKind.End)
            throw new TemplateException(TemplateError.Syntax, $"'{parser._tokens.Next.Text}' stands here without the block that it belongs to.",
                parser._tokens.Next.Position);
        return template;
    }

    /// <summary>Statements up to a tag that none of them begins with: an end, an else, or the template's end.</summary>
    private Block ParseBody()
    {
        _tokens.Enter();
        var statements = new List<Statement>();
        while (true)
        {
            Token token = _tokens.Current;
            if (token.Kind == TokenKind.Text)
                statements.Add(new TextStatement(token.Position, new TextValue(_tokens.Take().Text, Origin.Template)));
            else if (token.Kind == TokenKind.OutputStart)
                statements.Add(ParseOutput());
            else if (token.Kind == TokenKind.StatementStart && _tokens.Next.Text is not ("elif" or "else")
                && !_tokens.Next.Text.StartsWith("end", StringComparison.Ordinal))
                statements.Add(ParseStatement());
            else
                break;
        }
        _tokens.Leave();
        return new Block(statements);
    }

    private OutputStatement ParseOutput()
    {
        Position position = _tokens.Take().Position;
        Expression value = _expressions.ParseTuple();
        _tokens.Expect(TokenKind.OutputEnd, "an operator or '}}'", "after this expression");
        return new OutputStatement(position, value);
    }

    private Statement ParseStatement()
    {
        _tokens.Take();
        Position position = _tokens.Current.Position;
        string keyword = _tokens.ExpectIdentifier("after '{%'");
        return keyword switch
        {
            "for" => ParseFor(position),
            "if" => ParseIf(position),
            "set" => ParseSet(position),
            "macro" => ParseMacro(position),
            "call" => ParseCall(position),
            "filter" => ParseFilter(position),
            "with" => ParseWith(position),
            "generation" => new ScopeStatement(position, [], ParseBodyUntil("endgeneration", keyword)),
            "break" => ParseLoopExit(new BreakStatement(position)),
            "continue" => ParseLoopExit(new ContinueStatement(position)),
            _ => throw new TemplateException(TemplateError.Syntax, $"the statement '{keyword}' is unknown; allowed are {Allowed}.", position),
        };
    }

    private ForStatement ParseFor(Position position)
    {
        Target target = _targets.ParseTarget("in");
        _tokens.ExpectName("in", "after the loop's names");
        Expression items = _expressions.ParseTuple(withCondition: false);
        Expression? filter = _tokens.SkipName("if") ? _expressions.Parse() : null;
        bool isRecursive = _tokens.SkipName("recursive");
        EndTag("for");
        _loops++;
        Block body = ParseBody();
        _loops--;
        Block otherwise = Block.Empty;
        if (SkipTag("else"))
            otherwise = ParseBody();
        ExpectTag("endfor", "for");
        return new ForStatement(position, target, items, filter, isRecursive, body, otherwise);
    }

    private IfStatement ParseIf(Position position)
    {
        var branches = new List<IfBranch>();
        do
        {
            Expression condition = _expressions.ParseTuple(withCondition: false);
            EndTag("if");
            branches.Add(new IfBranch(condition, ParseBody()));
        }
        while (SkipKeyword("elif"));
        Block otherwise = SkipTag("else") ? ParseBody() : Block.Empty;
        ExpectTag("endif", "if");
        return new IfStatement(position, branches, otherwise);
    }

    private Statement ParseSet(Position position)
    {
        Target target = _targets.ParseTarget("=");
        if (_tokens.SkipOperator("="))
        {
            Expression value = _expressions.ParseTuple();
            EndTag("set");
            return new SetStatement(position, target, value);
        }
        IReadOnlyList<FilterCall> filters = _expressions.Postfix.ParseFilters();
        return new SetBlockStatement(position, target, filters, ParseBodyUntil("endset", "set"));
    }

    private MacroStatement ParseMacro(Position position)
    {
        string name = _tokens.ExpectIdentifier("after 'macro'");
        IReadOnlyList<Parameter> parameters = _targets.ParseParameters();
        int mark = _tokens.Mark;
        Block body = ParseBodyUntil("endmacro", "macro");
        return new MacroStatement(position, name, SignatureOf(parameters, mark), body);
    }

    private CallStatement ParseCall(Position position)
    {
        IReadOnlyList<Parameter> parameters = _tokens.Current.IsOperator("(") ? _targets.ParseParameters() : [];
        if (_expressions.Parse() is not Call call)
            throw new TemplateException(TemplateError.Syntax, "'call' needs a call of a macro, like {% call name(…) %}.", position);
        int mark = _tokens.Mark;
        Block body = ParseBodyUntil("endcall", "call");
        return new CallStatement(position, call, SignatureOf(parameters, mark), body);
    }

    private Signature SignatureOf(IReadOnlyList<Parameter> parameters, int bodyMark) =>
        new(parameters, _tokens.NamesSince(bodyMark, "varargs"), _tokens.NamesSince(bodyMark, "kwargs"));

    private FilterStatement ParseFilter(Position position)
    {
        IReadOnlyList<FilterCall> filters = _expressions.Postfix.ParseFilters(first: true);
        return new FilterStatement(position, filters, ParseBodyUntil("endfilter", "filter"));
    }

    private ScopeStatement ParseWith(Position position)
    {
        var names = new List<(Target, Expression)>();
        while (_tokens.Current.Kind != TokenKind.StatementEnd)
        {
            if (names.Count > 0)
                _tokens.ExpectOperator(",", "between the names of 'with'");
            Target target = _targets.ParseTarget("=");
            _tokens.ExpectOperator("=", "after a name of 'with'");
            names.Add((target, _expressions.Parse()));
        }
        return new ScopeStatement(position, names, ParseBodyUntil("endwith", "with"));
    }

    private Statement ParseLoopExit(Statement exit)
    {
        if (_loops == 0)
            throw new TemplateException(TemplateError.Syntax, "'break' and 'continue' stand inside a loop only.", exit.Position);
        EndTag(exit is BreakStatement ? "break" : "continue");
        return exit;
    }

    private Block ParseBodyUntil(string end, string statement)
    {
        EndTag(statement);
        // A macro's body is not part of the loop around it.
        int loops = _loops;
        if (statement is "macro" or "call")
            _loops = 0;
        Block body = ParseBody();
        _loops = loops;
        ExpectTag(end, statement);
        return body;
    }

    private void EndTag(string statement) => _tokens.Expect(TokenKind.StatementEnd, "'%}'", $"at the end of '{statement}'");

    /// <summary>Skips <c>{%</c> and the keyword, if they stand here.</summary>
    private bool SkipKeyword(string keyword)
    {
        if (_tokens.Current.Kind != TokenKind.StatementStart || !_tokens.Next.IsName(keyword))
            return false;
        _tokens.Take();
        _tokens.Take();
        return true;
    }

    private bool SkipTag(string keyword)
    {
        bool skipped = SkipKeyword(keyword);
        if (skipped)
            EndTag(keyword);
        return skipped;
    }

    private void ExpectTag(string keyword, string statement)
    {
        if (!SkipTag(keyword))
            throw new TemplateException(TemplateError.Syntax, $"'{{% {keyword} %}}' expected, to close '{statement}', but {Found()} stands here.",
                _tokens.Current.Position);
    }

    private string Found() => _tokens.Current.Kind == TokenKind.StatementStart ? $"'{_tokens.Next.Text}'" : _tokens.Current.ToString();
}
