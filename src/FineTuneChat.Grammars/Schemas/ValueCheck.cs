using System.Globalization;
using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>Whether a value of an <c>enum</c> or <c>const</c> meets all the other conditions: only such values are offered.</summary>
internal static class ValueCheck
{
    /// <exception cref="SchemaException">A keyword is malformed or not supported.</exception>
    public static bool Meets(SchemaDocument document, Conjunction all, JsonElement value) => Meets(document, all, new Shape(all, document), value);

    /// <param name="document">The schema.</param>
    /// <param name="all">The conditions.</param>
    /// <param name="shape">The same, read already.</param>
    /// <param name="value">The value.</param>
    public static bool Meets(SchemaDocument document, Conjunction all, Shape shape, JsonElement value)
    {
        foreach (SchemaPart part in all.Parts)
        {
            int matches = part.Kind switch
            {
                PartKind.AnyOf => SchemaDocument.List(part.Path, part.Schema, "anyOf").Count(b => Meets(document, document.At(b.Path, b.Schema), value)),
                PartKind.OneOf => SchemaDocument.List(part.Path, part.Schema, "oneOf").Count(b => Meets(document, document.At(b.Path, b.Schema), value)),
                _ => 1,
            };
            if (matches == 0 || (part.Kind == PartKind.OneOf && matches > 1 && document.IsStrict))
                return false;
        }
        return shape.Types.HasFlag(TypeOf(value))
            && shape.Values.All(list => list.Contains(value))
            && value.ValueKind switch
            {
                JsonValueKind.String => MeetsText(shape, value.GetString()!),
                JsonValueKind.Number => shape.Numbers.IsOpen || shape.Numbers.Contains(Number(value)),
                JsonValueKind.Array => MeetsArray(document, shape, value),
                JsonValueKind.Object => MeetsObject(document, shape, value),
                _ => true,
            };
    }

    private static ValueTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => ValueTypes.Null,
        JsonValueKind.True or JsonValueKind.False => ValueTypes.Boolean,
        JsonValueKind.String => ValueTypes.String,
        JsonValueKind.Array => ValueTypes.Array,
        JsonValueKind.Object => ValueTypes.Object,
        _ => value.GetDouble() is var number && number == Math.Floor(number) ? ValueTypes.Integer : ValueTypes.Fraction,
    };

    private static decimal Number(JsonElement value) =>
        decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
        ? number
        : throw new SchemaException("#", $"{value.GetRawText()} has too many digits to be compared");

    private static bool MeetsText(Shape shape, string text)
    {
        int length = text.EnumerateRunes().Count();
        return length >= shape.Length.Min && (shape.Length.Max is not { } max || length <= max) && (shape.Texts?.Accepts(text) ?? true);
    }

    private static bool MeetsArray(SchemaDocument document, Shape shape, JsonElement array)
    {
        int count = array.GetArrayLength();
        if (count < shape.Items.Min || count > (shape.Items.Max ?? int.MaxValue))
            return false;
        if (shape.Unique is not null && !AllDiffer(document, array))
            return false;
        return shape.Parts.Select(part => new ArrayPart(part))
            .All(part => array.EnumerateArray().Index().All(item => Meets(document, part.At(item.Index), item.Item)));
    }

    private static bool AllDiffer(SchemaDocument document, JsonElement array)
    {
        JsonElement[] items = [.. array.EnumerateArray()];
        document.Effort.Spend((int)Math.Min((long)items.Length * items.Length, int.MaxValue / 2));
        return !items.Where((item, i) => items.Take(i).Any(earlier => JsonElement.DeepEquals(earlier, item))).Any();
    }

    private static bool MeetsObject(SchemaDocument document, Shape shape, JsonElement value)
    {
        int count = value.EnumerateObject().Count();
        if (count < shape.Properties.Min || count > (shape.Properties.Max ?? int.MaxValue))
            return false;
        return shape.Parts.Select(part => new ObjectPart(document, part)).All(part => part.Required.All(name => value.TryGetProperty(name, out _))
            && value.EnumerateObject().All(property => Meets(document, part.Property(property.Name), property.Value)));
    }

    private static bool Meets(SchemaDocument document, (string Path, JsonElement Schema)? condition, JsonElement value) =>
        condition is not { } schema || Meets(document, document.At(schema.Path, schema.Schema), value);
}
