using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Filters that apply a filter or a test to each item of a list.</summary>
internal static class SelectionFilters
{
    public static Value Select(Value value, CallArguments arguments, RenderContext context) => Selected(value, arguments, context, keep: true);

    public static Value Reject(Value value, CallArguments arguments, RenderContext context) => Selected(value, arguments, context, keep: false);

    public static Value SelectAttr(Value value, CallArguments arguments, RenderContext context) => SelectedByAttribute(value, arguments, context, keep: true);

    public static Value RejectAttr(Value value, CallArguments arguments, RenderContext context) => SelectedByAttribute(value, arguments, context, keep: false);

    public static Value Map(Value value, CallArguments arguments, RenderContext context)
    {
        IReadOnlyList<Value> items = Iteration.Items(value, context.Budget);
        if (arguments.Positional.Count == 0)
        {
            arguments.Only("attribute", "default");
            Func<Value, Value> read = AttributePath.Reader(
                arguments.Named.GetValueOrDefault("attribute") ?? throw new TemplateException("'map' needs a filter's name or the argument 'attribute'."),
                context, arguments.Named.GetValueOrDefault("default"));
            return new ListValue([.. items.Select(read)]);
        }
        string filter = arguments.RequireText(0, "filter").Text;
        CallArguments rest = arguments.Skip(1);
        return new ListValue([.. items.Select(item => Filters.Apply(filter, item, rest, context))]);
    }

    public static Value GroupBy(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("attribute", "default", "case_sensitive");
        Func<Value, Value> key = AttributePath.Reader(arguments.Require(0, "attribute"), context, arguments.Find(1, "default"));
        var sorted = (ListValue)SequenceFilters.Sort(value, new CallArguments([], new OrderedDictionary<string, Value>
        {
            ["attribute"] = arguments.Require(0, "attribute"),
            ["case_sensitive"] = BoolValue.Of(arguments.FindBool(2, "case_sensitive")),
        }), context);
        var groups = new OrderedDictionary<Value, List<Value>>(ValueEquality.Instance);
        foreach (Value item in sorted.Items)
        {
            Value group = key(item);
            if (!groups.TryGetValue(group, out List<Value>? members))
                groups.Add(group, members = []);
            members.Add(item);
        }
        return new ListValue([.. groups.Select(group => new ListValue([group.Key, new ListValue(group.Value)], isTuple: true))]);
    }

    private static ListValue Selected(Value value, CallArguments arguments, RenderContext context, bool keep)
    {
        Func<Value, bool> test = Test(arguments, context);
        return new ListValue([.. Iteration.Items(value, context.Budget).Where(item => test(item) == keep)]);
    }

    private static ListValue SelectedByAttribute(Value value, CallArguments arguments, RenderContext context, bool keep)
    {
        Func<Value, Value> read = AttributePath.Reader(arguments.Require(0, "attribute"), context);
        Func<Value, bool> test = Test(arguments.Skip(1), context);
        return new ListValue([.. Iteration.Items(value, context.Budget).Where(item => test(read(item)) == keep)]);
    }

    /// <summary>The test that the first argument names, or whether the item counts as true.</summary>
    private static Func<Value, bool> Test(CallArguments arguments, RenderContext context)
    {
        if (arguments.Positional.Count == 0)
            return item => item.IsTrue;
        string name = arguments.RequireText(0, "test").Text;
        CallArguments rest = arguments.Skip(1);
        return item => Tests.Apply(name, item, rest, context);
    }
}
