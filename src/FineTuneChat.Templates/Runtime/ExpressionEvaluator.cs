using FineTuneChat.Templates.Builtins;
using FineTuneChat.Templates.Syntax;

namespace FineTuneChat.Templates.Runtime;

/// <summary>The value of an expression.</summary>
internal sealed class ExpressionEvaluator(RenderContext context)
{
    public Value Evaluate(Expression node, Scope scope)
    {
        context.Budget.Step();
        context.Budget.Nest();
        try
        {
            return Dispatch(node, scope);
        }
        catch (TemplateException e) when (e.Position is null)
        {
            // Operators, filters and methods do not know where they stand.
            throw e.At(node.Position);
        }
    }

    private Value Dispatch(Expression node, Scope scope) => node switch
    {
        Literal literal => literal.Value,
        NameExpression name => Name(name, scope),
        AttributeExpression attribute => Attributes.Get(Evaluate(attribute.Object, scope), attribute.Name, context),
        SubscriptExpression subscript => Attributes.Item(Evaluate(subscript.Object, scope), Evaluate(subscript.Key, scope), context),
        SliceExpression slice =>
            Slicing.Slice(Evaluate(slice.Object, scope), Bound(slice.Start, scope), Bound(slice.Stop, scope), Bound(slice.Step, scope), context),
        BinaryExpression binary => Operators.Binary(binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope), context),
        ComparisonExpression comparison => Compare(comparison, scope),
        LogicalExpression logical => Logical(logical, scope),
        NotExpression not => BoolValue.Of(!Evaluate(not.Operand, scope).IsTrue),
        ConditionalExpression conditional => Conditional(conditional, scope),
        FilterExpression filter => Filter(Evaluate(filter.Input, scope), filter.Filter, scope),
        TestExpression test => Test(test, scope),
        Call call => Invoke(Evaluate(call.Function, scope), Arguments(call.Arguments, scope)),
        ListExpression list => new ListValue([.. list.Items.Select(item => Evaluate(item, scope))], list.IsTuple),
        DictExpression dict => Dict(dict, scope),
        SignExpression sign => Sign(sign, scope),
        _ => throw new InvalidOperationException($"No evaluation for {node.GetType().Name}."),
    };

    private static Value Name(NameExpression node, Scope scope) =>
        scope.Find(node.Name) ?? new UndefinedValue($"'{node.Name}' is undefined.");

    private Int128? Bound(Expression? node, Scope scope) => node is null ? null : Evaluate(node, scope) switch
    {
        NoneValue => null,
        { } value when Numbers.IsWhole(value) => Numbers.ToCount(value),
        { } other => throw new TemplateException($"the bounds of a slice are whole numbers, not {other.Kind}."),
    };

    private BoolValue Compare(ComparisonExpression node, Scope scope)
    {
        Value left = Evaluate(node.First, scope);
        foreach ((string sign, Expression operand) in node.Rest)
        {
            Value right = Evaluate(operand, scope);
            if (!Operators.Compare(sign, left, right, context))
                return BoolValue.False;
            left = right;
        }
        return BoolValue.True;
    }

    private Value Logical(LogicalExpression node, Scope scope)
    {
        Value left = Evaluate(node.Left, scope);
        return left.IsTrue == node.IsAnd ? Evaluate(node.Right, scope) : left;
    }

    private Value Conditional(ConditionalExpression node, Scope scope)
    {
        if (Evaluate(node.Condition, scope).IsTrue)
            return Evaluate(node.Then, scope);
        return node.Else is null ? new UndefinedValue("the inline 'if' has no 'else'.") : Evaluate(node.Else, scope);
    }

    private Value Sign(SignExpression node, Scope scope)
    {
        Value operand = Evaluate(node.Operand, scope);
        return Operators.Binary(node.IsNegative ? "-" : "+", new IntegerValue(0, Numbers.OriginOf(operand)), operand, context);
    }

    private DictValue Dict(DictExpression node, Scope scope)
    {
        OrderedDictionary<Value, Value> items = DictValue.Table();
        foreach ((Expression key, Expression value) in node.Items)
            items[Evaluate(key, scope)] = Evaluate(value, scope);
        return new DictValue(items);
    }

    public Value Filter(Value input, FilterCall filter, Scope scope)
    {
        try
        {
            return Filters.Apply(filter.Name, input, Arguments(filter.Arguments, scope), context);
        }
        catch (TemplateException e) when (e.Position is null)
        {
            throw e.At(filter.Position);
        }
    }

    private BoolValue Test(TestExpression node, Scope scope)
    {
        Value input = Evaluate(node.Input, scope);
        return BoolValue.Of(Tests.Apply(node.Name, input, Arguments(node.Arguments, scope), context) != node.IsNegated);
    }

    public Value Invoke(Value function, CallArguments arguments)
    {
        context.Budget.EnterCall();
        Value result = function switch
        {
            FunctionValue f => f.Call(arguments),
            LoopValue loop => loop.Call(arguments),
            UndefinedValue undefined => throw undefined.Error,
            _ => throw new TemplateException($"{function.Kind} cannot be called."),
        };
        context.Budget.LeaveCall();
        return result;
    }

    /// <summary>As in Python, everything that is given by place is evaluated before anything that is given by name.</summary>
    public CallArguments Arguments(IReadOnlyList<Argument> nodes, Scope scope)
    {
        if (nodes.Count == 0)
            return CallArguments.None;
        var positional = new List<Value>();
        var named = new OrderedDictionary<string, Value>();
        foreach (Argument node in nodes)
        {
            if (node.Kind == ArgumentKind.Positional)
                positional.Add(Evaluate(node.Value, scope));
            else if (node.Kind == ArgumentKind.Spread)
                positional.AddRange(Iteration.Items(Evaluate(node.Value, scope), context.Budget));
        }
        foreach (Argument node in nodes)
        {
            if (node.Kind == ArgumentKind.Named)
                AddNamed(named, node.Name!, Evaluate(node.Value, scope));
            else if (node.Kind == ArgumentKind.SpreadNamed)
                SpreadNamed(named, Evaluate(node.Value, scope));
        }
        return new CallArguments(positional, named);
    }

    private static void SpreadNamed(OrderedDictionary<string, Value> named, Value value)
    {
        if (value is not DictValue dict)
            throw new TemplateException($"what follows '**' must be a dict, not {value.Kind}.");
        foreach ((Value key, Value item) in dict.Items)
            AddNamed(named, (key as TextValue ?? throw new TemplateException("argument names must be strings.")).Text, item);
    }

    private static void AddNamed(OrderedDictionary<string, Value> named, string name, Value value)
    {
        if (!named.TryAdd(name, value))
            throw new TemplateException($"the argument '{name}' is given twice.");
    }
}
