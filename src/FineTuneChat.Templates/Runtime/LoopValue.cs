namespace FineTuneChat.Templates.Runtime;

/// <summary>The variable <c>loop</c> inside a for loop.</summary>
internal sealed class LoopValue(IReadOnlyList<Value> items, int depth, Func<CallArguments, Value>? recurse) : Value
{
    private Value? _lastChanged;

    internal override string Kind => "loop";

    /// <summary>The item in turn, from 0.</summary>
    public int Index { get; set; }

    public Value Call(CallArguments arguments) =>
        (recurse ?? throw new TemplateException("only a loop that is declared 'recursive' can be called."))(arguments);

    public Value? Find(string name) => name switch
    {
        "index" => Count(Index + 1),
        "index0" => Count(Index),
        "revindex" => Count(items.Count - Index),
        "revindex0" => Count(items.Count - Index - 1),
        "first" => BoolValue.Of(Index == 0),
        "last" => BoolValue.Of(Index == items.Count - 1),
        "length" => Count(items.Count),
        "depth" => Count(depth + 1),
        "depth0" => Count(depth),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no previous item."),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new UndefinedValue("there is no next item."),
        "cycle" => new FunctionValue(name, Cycle),
        "changed" => new FunctionValue(name, Changed),
        _ => null,
    };

    private static IntegerValue Count(int number) => new(number, Origin.Template);

    private Value Cycle(CallArguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[Index % arguments.Positional.Count]
        : throw new TemplateException("cycle() needs values to cycle through.");

    private BoolValue Changed(CallArguments arguments)
    {
        var value = new ListValue(arguments.Positional);
        bool changed = _lastChanged is null || !ValueEquality.Instance.Equals(value, _lastChanged);
        _lastChanged = value;
        return BoolValue.Of(changed);
    }
}
