using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Filters that order, join and cut lists.</summary>
internal static class SequenceFilters
{
    public static Value List(Value value, RenderContext context) => new ListValue(Iteration.Items(value, context.Budget));

    public static Value Items(Value value, RenderContext context) => value switch
    {
        UndefinedValue => ListValue.Empty,
        DictValue dict => DictMethods.Items(dict, context.Budget),
        _ => throw new TemplateException($"'items' works on a dict, not on {value.Kind}."),
    };

    public static Value First(Value value, RenderContext context) =>
        Iteration.Items(value, context.Budget) is [var first, ..] ? first : new UndefinedValue("there is no first item.");

    public static Value Last(Value value, RenderContext context) =>
        Iteration.Items(value, context.Budget) is [.., var last] ? last : new UndefinedValue("there is no last item.");

    public static Value Reverse(Value value, RenderContext context)
    {
        IEnumerable<Value> reversed = Iteration.Items(value, context.Budget).Reverse();
        if (value is not TextValue)
            return new ListValue([.. reversed]);
        TextBuilder text = context.NewText();
        foreach (Value character in reversed)
            text.Append((TextValue)character);
        return text.ToValue();
    }

    public static Value Join(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("d", "attribute");
        TextValue separator = PythonText.Of(arguments.Find(0, "d") ?? TextValue.Empty, context);
        Func<Value, Value> key = AttributePath.Reader(arguments.Find(1, "attribute"), context);
        TextBuilder joined = context.NewText();
        bool isFirst = true;
        foreach (Value item in Iteration.Items(value, context.Budget))
        {
            if (!isFirst)
                joined.Append(separator);
            isFirst = false;
            joined.Append(PythonText.Of(key(item), context));
        }
        return joined.ToValue();
    }

    public static Value Sort(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("reverse", "case_sensitive", "attribute");
        Func<Value, Value> key = AttributePath.Reader(arguments.Find(2, "attribute"), context);
        return Sort(Iteration.Items(value, context.Budget), key, arguments.FindBool(1, "case_sensitive"), arguments.FindBool(0, "reverse"), context);
    }

    public static Value DictSort(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("case_sensitive", "by", "reverse");
        string by = arguments.FindText(1, "by")?.Text ?? "key";
        int place = by switch
        {
            "key" => 0,
            "value" => 1,
            _ => throw new TemplateException($"'by' must be 'key' or 'value', not '{by}'."),
        };
        var items = (ListValue)Items(value, context);
        return Sort(items.Items, item => ((ListValue)item).Items[place], arguments.FindBool(0, "case_sensitive"), arguments.FindBool(2, "reverse"), context);
    }

    private static ListValue Sort(IReadOnlyList<Value> items, Func<Value, Value> key, bool caseSensitive, bool reverse, RenderContext context)
    {
        var order = Comparer<Value>.Create((a, b) =>
        {
            context.Budget.Step(a.Nesting.Size);
            return Operators.Order(a, b);
        });
        try
        {
            Func<Value, Value> folded = item => Fold(key(item), caseSensitive, context);
            return new ListValue(reverse ? [.. items.OrderByDescending(folded, order)] : [.. items.OrderBy(folded, order)]);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw e.InnerException as TemplateException ?? new TemplateException("these values have no order among each other.");
        }
    }

    public static Value Unique(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("case_sensitive", "attribute");
        Func<Value, Value> key = AttributePath.Reader(arguments.Find(1, "attribute"), context);
        bool caseSensitive = arguments.FindBool(0, "case_sensitive");
        var seen = new HashSet<Value>(ValueEquality.Instance);
        return new ListValue([.. Iteration.Items(value, context.Budget).Where(item => seen.Add(Fold(key(item), caseSensitive, context)))]);
    }

    public static Value Min(Value value, CallArguments arguments, RenderContext context) => Extreme(value, arguments, -1, context);

    public static Value Max(Value value, CallArguments arguments, RenderContext context) => Extreme(value, arguments, 1, context);

    private static Value Extreme(Value value, CallArguments arguments, int sign, RenderContext context)
    {
        arguments.Only("case_sensitive", "attribute");
        Func<Value, Value> key = AttributePath.Reader(arguments.Find(1, "attribute"), context);
        bool caseSensitive = arguments.FindBool(0, "case_sensitive");
        Value? extreme = null;
        foreach (Value item in Iteration.Items(value, context.Budget))
        {
            if (extreme is null || sign * Operators.Order(Fold(key(item), caseSensitive, context), Fold(key(extreme), caseSensitive, context)) > 0)
                extreme = item;
        }
        return extreme ?? new UndefinedValue("there is no item to choose from.");
    }

    public static Value Sum(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("attribute", "start");
        Func<Value, Value> key = AttributePath.Reader(arguments.Find(0, "attribute"), context);
        Value sum = arguments.Find(1, "start") ?? new IntegerValue(0, Origin.Template);
        foreach (Value item in Iteration.Items(value, context.Budget))
            sum = Operators.Binary("+", sum, key(item), context);
        return sum;
    }

    public static Value Batch(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("linecount", "fill_with");
        int size = Size(arguments, "linecount");
        Value? fill = arguments.Find(1, "fill_with");
        var batches = new List<Value>();
        foreach (Value[] batch in Iteration.Items(value, context.Budget).Chunk(size))
        {
            int missing = fill is null or NoneValue ? 0 : size - batch.Length;
            context.Budget.Step(missing);
            batches.Add(new ListValue([.. batch, .. Enumerable.Repeat(fill!, missing)]));
        }
        return new ListValue(batches);
    }

    /// <summary>So many columns, the first ones longer by one where it does not come out even.</summary>
    public static Value Slice(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("slices", "fill_with");
        int count = Size(arguments, "slices");
        Value? fill = arguments.Find(1, "fill_with");
        IReadOnlyList<Value> items = Iteration.Items(value, context.Budget);
        context.Budget.Step(count);
        int length = items.Count / count;
        int longer = items.Count % count;
        var slices = new List<Value>();
        for (int i = 0, at = 0; i < count; i++)
        {
            int size = length + (i < longer ? 1 : 0);
            IEnumerable<Value> slice = items.Skip(at).Take(size);
            if (fill is not (null or NoneValue) && i >= longer && longer > 0)
                slice = slice.Append(fill);
            slices.Add(new ListValue([.. slice]));
            at += size;
        }
        return new ListValue(slices);
    }

    private static int Size(CallArguments arguments, string name)
    {
        Int128 size = arguments.FindWhole(0, name) ?? 0;
        return size > 0 && size <= 100_000 ? (int)size : throw new TemplateException($"'{name}' must be from 1 to 100,000.");
    }

    private static Value Fold(Value key, bool caseSensitive, RenderContext context) =>
        key is TextValue text && !caseSensitive ? Casing.Lower(text, context.Budget) : key;
}
