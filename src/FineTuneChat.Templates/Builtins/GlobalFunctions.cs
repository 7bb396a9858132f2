using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Functions that every template can call.</summary>
internal static class GlobalFunctions
{
    /// <summary>The functions' names and what they do; bound to one rendering.</summary>
    public static void AddTo(Scope scope, RenderContext context)
    {
        Add("range", arguments => Range(arguments, context));
        Add("namespace", Namespace);
        Add("dict", arguments => DictFrom(arguments));
        Add("cycler", arguments => Cycler(arguments));
        Add("joiner", Joiner);
        Add("strftime_now", arguments => Now(arguments.Only("format").RequireText(0, "format").Text, context));
        Add("raise_exception", arguments => throw new TemplateException(TemplateError.Raised, Message(arguments, context)));

        void Add(string name, Func<CallArguments, Value> call) => scope.Set(name, new FunctionValue(name, call));
    }

    private static TextValue Now(string format, RenderContext context)
    {
        int most = context.Limits.TimeFormat;
        if (format.Length > most)
            throw new TemplateException(TemplateError.Limit, $"the format of strftime_now has {format.Length:N0} characters; at most {most:N0} are allowed.");
        string now = Strftime.Format(context.Time.GetLocalNow(), format);
        context.Budget.Characters(now.Length, now.Length);
        return new TextValue(now, Origin.Template);
    }

    private static string Message(CallArguments arguments, RenderContext context) =>
        PythonText.Of(arguments.Only("message").Require(0, "message"), context).Text;

    private static ListValue Range(CallArguments arguments, RenderContext context)
    {
        arguments.Only("start", "stop", "step");
        Int128 first = arguments.FindWhole(0, "start") ?? throw new TemplateException("range() needs at least one whole number.");
        Int128? second = arguments.FindWhole(1, "stop");
        Int128 step = arguments.FindWhole(2, "step") ?? 1;
        if (step == 0)
            throw new TemplateException("the step of a range cannot be 0.");
        (Int128 start, Int128 stop) = second is { } last ? (first, last) : (0, first);
        Int128 length = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        context.Budget.Range(length);
        var numbers = new List<Value>();
        for (Int128 i = 0; i < length; i++)
            numbers.Add(new IntegerValue(start + i * step, Origin.Template));
        return new ListValue(numbers);
    }

    private static NamespaceValue Namespace(CallArguments arguments)
    {
        var ns = new NamespaceValue();
        foreach ((Value key, Value value) in DictFrom(arguments).Items)
            ns.Items[(key as TextValue ?? throw new TemplateException("a namespace's names must be strings.")).Text] = value;
        return ns;
    }

    private static DictValue DictFrom(CallArguments arguments)
    {
        OrderedDictionary<Value, Value> items = DictValue.Table();
        foreach (Value source in arguments.Positional)
        {
            foreach ((Value key, Value value) in Pairs(source))
                items[key] = value;
        }
        foreach ((string name, Value value) in arguments.Named)
            items[new TextValue(name, Origin.Template)] = value;
        return new DictValue(items);
    }

    private static IEnumerable<(Value Key, Value Value)> Pairs(Value source) => source switch
    {
        DictValue dict => dict.Items.Select(item => (item.Key, item.Value)),
        ListValue list => list.Items.Select(item => item is ListValue { Items: [var key, var value] }
            ? (key, value)
            : throw new TemplateException("a list of pairs is needed to make a dict.")),
        _ => throw new TemplateException($"a dict cannot be made from {source.Kind}."),
    };

    private static NamespaceValue Cycler(CallArguments arguments)
    {
        IReadOnlyList<Value> items = arguments.Positional;
        if (items.Count == 0)
            throw new TemplateException("cycler() needs values to cycle through.");
        int at = 0;
        var cycler = new NamespaceValue();
        cycler.Items["current"] = items[0];
        cycler.Items["next"] = new FunctionValue("next", _ =>
        {
            Value value = items[at];
            at = (at + 1) % items.Count;
            cycler.Items["current"] = items[at];
            return value;
        });
        cycler.Items["reset"] = new FunctionValue("reset", _ =>
        {
            at = 0;
            cycler.Items["current"] = items[0];
            return NoneValue.Instance;
        });
        return cycler;
    }

    private static FunctionValue Joiner(CallArguments arguments)
    {
        TextValue separator = arguments.Only("sep").FindText(0, "sep") ?? new TextValue(", ", Origin.Template);
        bool used = false;
        return new FunctionValue("joiner", _ =>
        {
            (bool isFirst, used) = (!used, true);
            return isFirst ? TextValue.Empty : separator;
        });
    }
}
