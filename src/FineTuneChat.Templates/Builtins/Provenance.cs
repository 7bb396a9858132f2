using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>One origin for a whole value, blended from all texts and numbers inside; data when there are none.</summary>
internal static class Provenance
{
    public static Origin Of(Value value) => Blend(value) ?? Origin.Data;

    private static Origin? Blend(Value value) => value switch
    {
        TextValue { Length: > 0 } text => text.Origin,
        IntegerValue integer => integer.Origin,
        ListValue list => Blend(list.Items),
        DictValue dict => Blend([.. dict.Items.Keys, .. dict.Items.Values]),
        _ => null,
    };

    private static Origin? Blend(IEnumerable<Value> values)
    {
        Origin? blend = null;
        foreach (Value value in values)
        {
            if (Blend(value) is { } origin)
                blend = blend?.Blend(origin) ?? origin;
        }
        return blend;
    }
}
