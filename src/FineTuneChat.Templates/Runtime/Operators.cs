using FineTuneChat.Templates.Builtins;

namespace FineTuneChat.Templates.Runtime;

/// <summary>Operators over all kinds of values.</summary>
internal static class Operators
{
    public static Value Binary(string sign, Value left, Value right, RenderContext context) => (sign, left, right) switch
    {
        ("~", _, _) => Concatenate(PythonText.Of(left, context), PythonText.Of(right, context), context),
        (_, UndefinedValue undefined, _) => throw undefined.Error,
        (_, _, UndefinedValue undefined) => throw undefined.Error,
        ("+", TextValue a, TextValue b) => Concatenate(a, b, context),
        ("+", ListValue a, ListValue b) when a.IsTuple == b.IsTuple => Join(a, b, context.Budget),
        ("*", TextValue a, _) when Numbers.IsWhole(right) => Repeat(a, Numbers.ToCount(right), context),
        ("*", _, TextValue b) when Numbers.IsWhole(left) => Repeat(b, Numbers.ToCount(left), context),
        ("*", ListValue a, _) when Numbers.IsWhole(right) => Repeat(a, Numbers.ToWhole(right), context.Budget),
        ("*", _, ListValue b) when Numbers.IsWhole(left) => Repeat(b, Numbers.ToWhole(left), context.Budget),
        ("%", TextValue format, _) => PercentFormat.Apply(format, right, context),
        _ when Numbers.IsNumber(left) && Numbers.IsNumber(right) => Numbers.Calculate(sign, left, right),
        _ => throw Mismatch(sign, left, right),
    };

    public static bool Compare(string sign, Value left, Value right, RenderContext context)
    {
        context.Budget.Step(left.Nesting.Size + right.Nesting.Size);
        return sign switch
        {
            "==" => ValueEquality.Instance.Equals(left, right),
            "!=" => !ValueEquality.Instance.Equals(left, right),
            "in" => Contains(right, left, context.Budget),
            "not in" => !Contains(right, left, context.Budget),
            "<" => Order(left, right, sign) < 0,
            "<=" => Order(left, right, sign) <= 0,
            ">" => Order(left, right, sign) > 0,
            ">=" => Order(left, right, sign) >= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(sign), sign, null),
        };
    }

    /// <summary>Below, at or above 0, as Python sorts; kinds that have no order among each other are refused.</summary>
    public static int Order(Value left, Value right, string sign = "<") => (left, right) switch
    {
        (UndefinedValue undefined, _) => throw undefined.Error,
        (_, UndefinedValue undefined) => throw undefined.Error,
        (TextValue a, TextValue b) => CompareCodePoints(a.Text, b.Text),
        (ListValue a, ListValue b) when a.IsTuple == b.IsTuple => OrderItems(a.Items, b.Items, sign),
        _ when Numbers.IsNumber(left) && Numbers.IsNumber(right) => Numbers.Compare(left, right),
        _ => throw Mismatch(sign, left, right),
    };

    public static bool Contains(Value container, Value item, Budget budget)
    {
        switch (container)
        {
            case TextValue text:
                return item is TextValue part
                    ? text.Text.Contains(part.Text, StringComparison.Ordinal)
                    : throw Mismatch("in", item, container);
            case DictValue dict:
                return dict.Items.ContainsKey(item);
            default:
                return Iteration.Items(container, budget).Contains(item, ValueEquality.Instance);
        }
    }

    public static TextValue Concatenate(TextValue left, TextValue right, RenderContext context)
    {
        TextBuilder text = context.NewText();
        text.Append(left);
        text.Append(right);
        return text.ToValue();
    }

    // UTF-16 order differs from code point order above U+FFFF.
    private static int CompareCodePoints(string left, string right)
    {
        int length = Math.Min(left.Length, right.Length);
        for (int i = 0; i < length; i++)
        {
            if (left[i] != right[i])
                return char.IsSurrogate(left[i]) != char.IsSurrogate(right[i]) ? (char.IsSurrogate(left[i]) ? 1 : -1) : left[i] - right[i];
        }
        return left.Length - right.Length;
    }

    private static int OrderItems(IReadOnlyList<Value> left, IReadOnlyList<Value> right, string sign)
    {
        for (int i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!ValueEquality.Instance.Equals(left[i], right[i]))
                return Order(left[i], right[i], sign);
        }
        return left.Count - right.Count;
    }

    private static TextValue Repeat(TextValue text, Int128 times, RenderContext context)
    {
        context.Budget.Characters((long)Int128.Clamp(times * text.Length, 0, long.MaxValue), 0);
        TextBuilder repeated = context.NewText();
        for (Int128 i = 0; i < times && text.Length > 0; i++)
            repeated.Append(text);
        return repeated.ToValue();
    }

    private static ListValue Repeat(ListValue list, Int128 times, Budget budget)
    {
        var items = new List<Value>();
        for (Int128 i = 0; i < times && list.Items.Count > 0; i++)
        {
            budget.Step(list.Items.Count);
            items.AddRange(list.Items);
        }
        return new ListValue(items, list.IsTuple);
    }

    private static ListValue Join(ListValue left, ListValue right, Budget budget)
    {
        budget.Step(left.Items.Count + right.Items.Count);
        return new ListValue([.. left.Items, .. right.Items], left.IsTuple);
    }

    private static TemplateException Mismatch(string sign, Value left, Value right) =>
        new($"'{sign}' does not work between {left.Kind} and {right.Kind}.");
}
