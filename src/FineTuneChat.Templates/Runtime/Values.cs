namespace FineTuneChat.Templates.Runtime;

/// <summary>A name or a key that is not there. Prints as nothing, counts as empty, and refuses everything else.</summary>
internal sealed class UndefinedValue(string reason) : Value
{
    internal override string Kind => "undefined";

    internal override bool IsTrue => false;

    public TemplateException Error => new(reason);
}

internal sealed class NoneValue : Value
{
    public static NoneValue Instance { get; } = new();

    internal override string Kind => "none";

    internal override bool IsTrue => false;
}

internal sealed class BoolValue : Value
{
    public static BoolValue True { get; } = new();

    public static BoolValue False { get; } = new();

    internal override string Kind => "bool";

    internal override bool IsTrue => this == True;

    public static BoolValue Of(bool value) => value ? True : False;
}

/// <summary>A whole number. Its origin counts because templates write control tokens such as <c>&lt;|image_1|&gt;</c> from loop counters.</summary>
internal sealed class IntegerValue(Int128 number, Origin origin) : Value
{
    internal override string Kind => "int";

    internal override bool IsTrue => number != 0;

    public Int128 Number => number;

    public Origin Origin => origin;
}

internal sealed class FloatValue(double number) : Value
{
    internal override string Kind => "float";

    internal override bool IsTrue => number != 0;

    public double Number => number;
}

/// <summary>A list or a tuple; nothing changes it.</summary>
internal sealed class ListValue : Value
{
    public ListValue(IReadOnlyList<Value> items, bool isTuple = false)
    {
        Items = items;
        IsTuple = isTuple;
        Nesting = Nesting.Around(items);
    }

    public static ListValue Empty { get; } = new([]);

    internal override string Kind => IsTuple ? "tuple" : "list";

    internal override bool IsTrue => Items.Count > 0;

    internal override Nesting Nesting { get; }

    public IReadOnlyList<Value> Items { get; }

    public bool IsTuple { get; }
}

/// <summary>A dict in the order of its keys; nothing changes it.</summary>
internal sealed class DictValue : Value
{
    public DictValue(OrderedDictionary<Value, Value> items)
    {
        Items = items;
        Nesting = Nesting.Around(items.Keys, items.Values);
    }

    internal override string Kind => "dict";

    internal override bool IsTrue => Items.Count > 0;

    internal override Nesting Nesting { get; }

    public OrderedDictionary<Value, Value> Items { get; }

    /// <summary>An empty table for a dict's items, comparing keys as Python does.</summary>
    public static OrderedDictionary<Value, Value> Table() => new(ValueEquality.Instance);

    public Value? Find(string key) => Items.GetValueOrDefault(new TextValue(key, Origin.Template));
}

/// <summary>The one thing that a template can change: <c>{% set ns.name = … %}</c>.</summary>
internal sealed class NamespaceValue : Value
{
    internal override string Kind => "namespace";

    public Dictionary<string, Value> Items { get; } = [];
}

/// <summary>Anything that can be called: a macro, a method bound to its value, a global function.</summary>
internal sealed class FunctionValue(string name, Func<CallArguments, Value> call) : Value
{
    internal override string Kind => "function";

    public string Name => name;

    public Value Call(CallArguments arguments) => call(arguments);
}
