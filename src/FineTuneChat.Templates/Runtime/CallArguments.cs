namespace FineTuneChat.Templates.Runtime;

/// <summary>The evaluated arguments of a call, by place and by name.</summary>
internal sealed class CallArguments(IReadOnlyList<Value> positional, OrderedDictionary<string, Value> named)
{
    public static CallArguments None { get; } = new([], []);

    public IReadOnlyList<Value> Positional => positional;

    public OrderedDictionary<string, Value> Named => named;

    /// <summary>The argument at a place or of a name; null when it was not given.</summary>
    public Value? Find(int index, string name) => index < positional.Count ? positional[index] : named.GetValueOrDefault(name);

    public Value Require(int index, string name) => Find(index, name) ?? throw new TemplateException($"the argument '{name}' is missing.");

    public TextValue RequireText(int index, string name) => Require(index, name) as TextValue ?? throw Wrong(name, "a string", Require(index, name));

    public TextValue? FindText(int index, string name) => Find(index, name) switch
    {
        null or NoneValue => null,
        TextValue text => text,
        { } other => throw Wrong(name, "a string", other),
    };

    /// <summary>A width, count or index: what lies beyond ±10¹⁸ is cut there, so that sums of them do not overflow.</summary>
    public Int128? FindWhole(int index, string name) => Find(index, name) switch
    {
        null or NoneValue => null,
        { } value when Numbers.IsWhole(value) => Numbers.ToCount(value),
        { } other => throw Wrong(name, "a whole number", other),
    };

    public bool FindBool(int index, string name) => Find(index, name)?.IsTrue ?? false;

    /// <summary>Refuses arguments beyond the ones named here, in the order of their places.</summary>
    public CallArguments Only(params ReadOnlySpan<string> names)
    {
        string allowed = names.Length == 0 ? "none" : string.Join(", ", names);
        if (positional.Count > names.Length)
            throw new TemplateException($"{positional.Count} arguments given, allowed: {allowed}.");
        foreach (string name in named.Keys)
        {
            if (!names.Contains(name))
                throw new TemplateException($"the argument '{name}' is unknown, allowed: {allowed}.");
        }
        return this;
    }

    /// <summary>The arguments without the first <paramref name="count"/> places.</summary>
    public CallArguments Skip(int count) => new([.. positional.Skip(count)], named);

    private static TemplateException Wrong(string name, string expected, Value given) => new($"the argument '{name}' must be {expected}, not {given.Kind}.");
}
