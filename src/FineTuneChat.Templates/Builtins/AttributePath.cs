using System.Globalization;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>The argument <c>attribute</c> of several filters: <c>"function.name"</c>, <c>"items.0"</c>, or a number.</summary>
internal static class AttributePath
{
    /// <summary>Reads the attribute from an item; with no attribute, the item itself.</summary>
    public static Func<Value, Value> Reader(Value? attribute, RenderContext context, Value? fallback = null)
    {
        if (attribute is null or NoneValue)
            return item => item;
        Value[] path = attribute is TextValue text ? [.. text.Text.Split('.').Select(Part)] : [attribute];
        return item =>
        {
            foreach (Value part in path)
                item = Attributes.Item(item, part, context);
            return item is UndefinedValue && fallback is not null ? fallback : item;
        };
    }

    private static Value Part(string part) => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
        ? new IntegerValue(index, Origin.Template)
        : new TextValue(part, Origin.Template);
}
