namespace FineTuneChat.Templates.Runtime;

/// <summary>Python's <c>==</c>: numbers and booleans by value whatever their kind, containers item by item, text without its origins.</summary>
internal sealed class ValueEquality : IEqualityComparer<Value>
{
    public static ValueEquality Instance { get; } = new();

    public bool Equals(Value? x, Value? y) => (x, y) switch
    {
        _ when ReferenceEquals(x, y) => true,
        (TextValue a, TextValue b) => a.Text == b.Text,
        (UndefinedValue, UndefinedValue) => true,
        (ListValue a, ListValue b) => a.IsTuple == b.IsTuple && a.Items.SequenceEqual(b.Items, this),
        (DictValue a, DictValue b) => a.Items.Count == b.Items.Count
            && a.Items.All(item => b.Items.TryGetValue(item.Key, out Value? other) && Equals(item.Value, other)),
        (not null, not null) when Numbers.IsNumber(x) && Numbers.IsNumber(y) => Numbers.Compare(x, y) == 0,
        _ => false,
    };

    public int GetHashCode(Value value) => value switch
    {
        TextValue text => text.Text.GetHashCode(StringComparison.Ordinal),
        IntegerValue or BoolValue or FloatValue => Numbers.ToDouble(value).GetHashCode(),
        ListValue list => list.Items.Aggregate(list.Items.Count, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        DictValue => throw new TemplateException("a dict cannot be a key or a member of a set."),
        UndefinedValue => 0,
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value),
    };
}
