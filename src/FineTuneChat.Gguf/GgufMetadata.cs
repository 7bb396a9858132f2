using System.Diagnostics.CodeAnalysis;

namespace FineTuneChat.Gguf;

/// <summary>
/// The key-value entries of a GGUF file, in file order. Values are <see cref="byte"/>, <see cref="sbyte"/>, <see cref="ushort"/>, <see cref="short"/>,
/// <see cref="uint"/>, <see cref="int"/>, <see cref="ulong"/>, <see cref="long"/>, <see cref="float"/>, <see cref="double"/>, <see cref="bool"/>,
/// <see cref="string"/>, or a one-dimensional array of one of them.
/// </summary>
public sealed class GgufMetadata
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>Keys in file order.</summary>
    public IReadOnlyList<string> Keys => _order;

    /// <summary>Sets an entry; an existing one keeps its place.</summary>
    /// <param name="key">E.g. <c>general.name</c>.</param>
    /// <param name="value">One of the types in the class's summary.</param>
    /// <exception cref="ArgumentException">The value's type has no place in GGUF.</exception>
    public void Set(string key, object value)
    {
        GgufValueType type = GgufValueTypes.Of(value.GetType().IsArray ? value.GetType().GetElementType()! : value.GetType());
        if (type == GgufValueType.Array)
            throw new ArgumentException($"'{key}': {value.GetType()} cannot be stored in a GGUF file.", nameof(value));
        if (!_values.ContainsKey(key))
            _order.Add(key);
        _values[key] = value;
    }

    /// <summary>Removes an entry if it is there.</summary>
    /// <param name="key">The key.</param>
    public void Remove(string key)
    {
        if (_values.Remove(key))
            _order.Remove(key);
    }

    /// <summary>Copies every entry of another file's metadata.</summary>
    /// <param name="other">Where to copy from.</param>
    public void CopyFrom(GgufMetadata other)
    {
        foreach (string key in other.Keys)
            Set(key, other._values[key]);
    }

    /// <summary>Whether the key is there.</summary>
    /// <param name="key">The key.</param>
    public bool Contains(string key) => _values.ContainsKey(key);

    /// <summary>The raw value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">It, when the key is there.</param>
    public bool TryGet(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);

    /// <summary>A text entry, null when it is absent or no text.</summary>
    /// <param name="key">The key.</param>
    public string? Text(string key) => _values.GetValueOrDefault(key) as string;

    /// <summary>An integer of any width or a boolean, null when it is absent, no integer, or beyond 64 bits.</summary>
    /// <param name="key">The key.</param>
    public long? Integer(string key) => _values.GetValueOrDefault(key) switch
    {
        byte v => v,
        sbyte v => v,
        ushort v => v,
        short v => v,
        uint v => v,
        int v => v,
        ulong v and <= long.MaxValue => (long)v,
        long v => v,
        bool v => v ? 1 : 0,
        _ => null,
    };

    /// <summary>A number, null when it is absent or none.</summary>
    /// <param name="key">The key.</param>
    public double? Number(string key) => _values.GetValueOrDefault(key) switch
    {
        float v => v,
        double v => v,
        _ => Integer(key),
    };

    /// <summary>An array of the given element type, null when it is absent or of another type.</summary>
    /// <typeparam name="T">Element type.</typeparam>
    /// <param name="key">The key.</param>
    public T[]? Array<T>(string key) => _values.GetValueOrDefault(key) as T[];

    internal object Value(string key) => _values[key];
}
