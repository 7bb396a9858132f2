using System.Text.Json;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates;

/// <summary>A value of the template language: Python's kinds, as far as templates meet them. Nothing changes it.</summary>
public abstract class Value
{
    private protected Value() { }

    /// <summary>Python's <c>None</c>.</summary>
    public static Value None => NoneValue.Instance;

    /// <summary>Python's name of the kind, for messages.</summary>
    internal abstract string Kind { get; }

    /// <summary>What <c>if</c> makes of it.</summary>
    internal virtual bool IsTrue => true;

    /// <summary>Depth and size of a container; anything else is one value of depth 0.</summary>
    internal virtual Nesting Nesting => new(0, 1);

    /// <summary>A string.</summary>
    /// <param name="text">Its characters.</param>
    /// <param name="origin">Where all of them come from.</param>
    public static Value OfText(string text, Origin origin) => new TextValue(text, origin);

    /// <summary>True or false.</summary>
    /// <param name="value">Which.</param>
    public static Value OfBool(bool value) => BoolValue.Of(value);

    /// <summary>A list.</summary>
    /// <param name="items">Its items, in order.</param>
    /// <exception cref="TemplateException">They are nested too deep, or too many.</exception>
    public static Value OfList(IEnumerable<Value> items) => new ListValue([.. items]);

    /// <summary>A dict. Its keys count as the template's own.</summary>
    /// <param name="items">Its items, in order; of two with the same key the last.</param>
    /// <exception cref="TemplateException">They are nested too deep, or too many.</exception>
    public static Value OfDict(IEnumerable<KeyValuePair<string, Value>> items)
    {
        OrderedDictionary<Value, Value> table = DictValue.Table();
        foreach ((string key, Value value) in items)
            table[new TextValue(key, Origin.Template)] = value;
        return new DictValue(table);
    }

    /// <summary>JSON, as Python's <c>json.loads</c> reads it.</summary>
    /// <param name="json">The value.</param>
    /// <param name="origin">Where all its texts and numbers come from, keys included.</param>
    /// <exception cref="TemplateException">It is nested too deep, or too large.</exception>
    public static Value OfJson(JsonElement json, Origin origin) => JsonValues.Read(json, origin);
}
