using FineTuneChat.Templates.Builtins;
using FineTuneChat.Templates.Syntax;

namespace FineTuneChat.Templates.Runtime;

/// <summary>Runs statements: they write text, and set names in their scope.</summary>
internal sealed class StatementRunner
{
    private readonly RenderContext _context;
    private readonly ExpressionEvaluator _expressions;

    public StatementRunner(RenderContext context)
    {
        _context = context;
        _expressions = new ExpressionEvaluator(context);
    }

    /// <summary>How a block ended: at its end, or by leaving the loop around it.</summary>
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <exception cref="TemplateException">The template fails or passes a limit.</exception>
    public TextValue Render(Block template, Scope variables) => Capture(template, new Scope(variables));

    private TextValue Capture(Block block, Scope scope)
    {
        TextBuilder output = _context.NewText();
        Run(block, scope, output);
        return output.ToValue();
    }

    private Flow Run(Block block, Scope scope, TextBuilder output)
    {
        _context.Budget.Nest();
        foreach (Statement statement in block.Statements)
        {
            _context.Budget.Step();
            try
            {
                Flow flow = Run(statement, scope, output);
                if (flow != Flow.Next)
                    return flow;
            }
            catch (TemplateException e) when (e.Position is null)
            {
                throw e.At(statement.Position);
            }
        }
        return Flow.Next;
    }

    private Flow Run(Statement statement, Scope scope, TextBuilder output)
    {
        switch (statement)
        {
            case TextStatement text:
                output.Append(text.Text);
                break;
            case OutputStatement node:
                output.Append(PythonText.Of(_expressions.Evaluate(node.Value, scope), _context));
                break;
            case IfStatement node:
                return RunIf(node, scope, output);
            case ForStatement node:
                RunFor(node, _expressions.Evaluate(node.Items, scope), depth: 0, scope, output);
                break;
            case SetStatement node:
                Bind(node.Target, _expressions.Evaluate(node.Value, scope), scope);
                break;
            case SetBlockStatement node:
                Bind(node.Target, Filtered(node.Body, node.Filters, scope), scope);
                break;
            case MacroStatement node:
                scope.Set(node.Name, Macro(node.Name, node.Signature, node.Body, scope));
                break;
            case CallStatement node:
                output.Append(PythonText.Of(CallWithBody(node, scope), _context));
                break;
            case FilterStatement node:
                output.Append(PythonText.Of(Filtered(node.Body, node.Filters, scope), _context));
                break;
            case ScopeStatement node:
                return RunScope(node, scope, output);
            case BreakStatement:
                return Flow.Break;
            case ContinueStatement:
                return Flow.Continue;
            default:
                throw new InvalidOperationException($"No run for {statement.GetType().Name}.");
        }
        return Flow.Next;
    }

    private Flow RunIf(IfStatement node, Scope scope, TextBuilder output)
    {
        foreach (IfBranch branch in node.Branches)
        {
            if (_expressions.Evaluate(branch.Condition, scope).IsTrue)
                return Run(branch.Body, scope, output);
        }
        return Run(node.Else, scope, output);
    }

    private void RunFor(ForStatement node, Value iterated, int depth, Scope scope, TextBuilder output)
    {
        IReadOnlyList<Value> items = Iteration.Items(iterated, _context.Budget);
        if (node.Filter is not null)
            items = [.. items.Where(item => Passes(node, item, scope))];
        bool isElse = true; // as Jinja has it: no turn came to its end, be it that there was none, or by break and continue
        var loop = new LoopValue(items, depth, node.IsRecursive ? arguments => Recurse(node, arguments, depth + 1, scope) : null);
        for (int i = 0; i < items.Count; i++)
        {
            // Each turn has a scope of its own: what it sets is gone in the next.
            var turn = new Scope(scope);
            turn.Set("loop", loop);
            loop.Index = i;
            Bind(node.Target, items[i], turn);
            _context.Budget.Step();
            Flow flow = Run(node.Body, turn, output);
            isElse &= flow != Flow.Next;
            if (flow == Flow.Break)
                break;
        }
        if (isElse)
            Run(node.Else, new Scope(scope), output);
    }

    private bool Passes(ForStatement node, Value item, Scope scope)
    {
        var inner = new Scope(scope);
        Bind(node.Target, item, inner);
        return _expressions.Evaluate(node.Filter!, inner).IsTrue;
    }

    private TextValue Recurse(ForStatement node, CallArguments arguments, int depth, Scope scope)
    {
        TextBuilder output = _context.NewText();
        RunFor(node, arguments.Only("iterable").Require(0, "iterable"), depth, scope, output);
        return output.ToValue();
    }

    private Flow RunScope(ScopeStatement node, Scope scope, TextBuilder output)
    {
        var inner = new Scope(scope);
        foreach ((Target target, Expression value) in node.Names)
            Bind(target, _expressions.Evaluate(value, scope), inner);
        return Run(node.Body, inner, output);
    }

    private Value Filtered(Block body, IReadOnlyList<FilterCall> filters, Scope scope)
    {
        Value value = Capture(body, new Scope(scope));
        foreach (FilterCall filter in filters)
            value = _expressions.Filter(value, filter, scope);
        return value;
    }

    private Value CallWithBody(CallStatement node, Scope scope)
    {
        CallArguments arguments = _expressions.Arguments(node.Call.Arguments, scope);
        var named = new OrderedDictionary<string, Value>(arguments.Named)
        {
            ["caller"] = Macro("caller", node.Signature, node.Body, scope),
        };
        return _expressions.Invoke(_expressions.Evaluate(node.Call.Function, scope), new CallArguments(arguments.Positional, named));
    }

    /// <summary>A macro sees the names of where it stands, not of where it is called.</summary>
    private FunctionValue Macro(string name, Signature signature, Block body, Scope home) => new(name, arguments =>
    {
        var scope = new Scope(home);
        OrderedDictionary<string, Value> named = new(arguments.Named);
        if (named.Remove("caller", out Value? caller))
            scope.Set("caller", caller);
        IReadOnlyList<Parameter> parameters = signature.Parameters;
        for (int i = 0; i < parameters.Count; i++)
            scope.Set(parameters[i].Name, Argument(name, parameters[i], i, arguments, named, scope));
        if (signature.TakesVarargs)
            scope.Set("varargs", new ListValue([.. arguments.Positional.Skip(parameters.Count)], isTuple: true));
        else if (arguments.Positional.Count > parameters.Count)
            throw new TemplateException($"'{name}' takes {parameters.Count} arguments, not {arguments.Positional.Count}.");
        if (signature.TakesKwargs)
            scope.Set("kwargs", KeywordArguments(named));
        else if (named.Count > 0)
            throw new TemplateException(
                $"'{name}' has no argument '{named.GetAt(0).Key}'; allowed: {string.Join(", ", parameters.Select(parameter => parameter.Name))}.");
        return Capture(body, scope);
    });

    private Value Argument(string macro, Parameter parameter, int index, CallArguments arguments, OrderedDictionary<string, Value> named, Scope scope)
    {
        bool isNamed = named.Remove(parameter.Name, out Value? value);
        if (index < arguments.Positional.Count)
            return isNamed ? throw new TemplateException($"the argument '{parameter.Name}' of '{macro}' is given twice.") : arguments.Positional[index];
        if (isNamed)
            return value!;
        return parameter.Default is null
            ? new UndefinedValue($"the argument '{parameter.Name}' of '{macro}' was not given.")
            : _expressions.Evaluate(parameter.Default, scope);
    }

    private static DictValue KeywordArguments(OrderedDictionary<string, Value> named)
    {
        OrderedDictionary<Value, Value> items = DictValue.Table();
        foreach ((string name, Value value) in named)
            items[new TextValue(name, Origin.Template)] = value;
        return new DictValue(items);
    }

    private void Bind(Target target, Value value, Scope scope)
    {
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                break;
            case AttributeTarget attribute:
                if (scope.Find(attribute.Name) is not NamespaceValue ns)
                    throw new TemplateException(TemplateError.Evaluation,
                        $"'{attribute.Name}' is not a namespace; only attributes of a namespace() can be set.", attribute.Position);
                ns.Items[attribute.Attribute] = value;
                break;
            case TupleTarget tuple:
                IReadOnlyList<Value> items = Iteration.Items(value, _context.Budget);
                if (items.Count != tuple.Items.Count)
                    throw new TemplateException(TemplateError.Evaluation, $"{items.Count} values cannot be bound to {tuple.Items.Count} names.",
                        tuple.Position);
                for (int i = 0; i < items.Count; i++)
                    Bind(tuple.Items[i], items[i], scope);
                break;
            default:
                throw new InvalidOperationException($"No binding for {target.GetType().Name}.");
        }
    }
}
