using System.Globalization;
using System.Text.Json;
using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The types of JSON Schema as a set; a whole number is both an integer and a number.</summary>
[Flags]
internal enum ValueTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fraction = 8,
    String = 16,
    Array = 32,
    Object = 64,
    Number = Integer | Fraction,
    All = Null | Boolean | Number | String | Array | Object,
}

/// <summary>What the keywords of a conjunction say together about values that are no arrays or objects, and about the size of those.</summary>
internal sealed class Shape
{
    private readonly Effort _effort;
    private Automaton? _texts;

    public Shape(Conjunction all, Effort effort)
    {
        _effort = effort;
        Parts = [.. all.Parts.Where(p => p.Kind == PartKind.Keywords)];
        if (all.Parts.Any(p => p.Kind == PartKind.Never))
            Types = ValueTypes.None;
        foreach (SchemaPart part in Parts)
        {
            foreach (JsonProperty keyword in part.Schema.EnumerateObject())
                Read(SchemaDocument.Pointer(part.Path, keyword.Name), keyword.Name, keyword.Value);
        }
    }

    public IReadOnlyList<SchemaPart> Parts { get; }

    public ValueTypes Types { get; private set; } = ValueTypes.All;

    /// <summary>The values of <c>enum</c> and <c>const</c>, one list for each.</summary>
    public List<ValueList> Values { get; } = [];

    public (int Min, int? Max) Length { get; private set; } = (0, null);

    public (int Min, int? Max) Items { get; private set; } = (0, null);

    /// <summary>Where it says that all items differ; null when nothing does.</summary>
    public string? Unique { get; private set; }

    public (int Min, int? Max) Properties { get; private set; } = (0, null);

    public List<(string Path, string Text)> Patterns { get; } = [];

    public List<(string Path, string Name)> Formats { get; } = [];

    public NumberRange Numbers { get; private set; } = new();

    /// <summary>The strings that patterns and formats leave; null when there are none of both.</summary>
    public Automaton? Texts => Patterns.Count + Formats.Count == 0 ? null : _texts ??= TextSet.Of(this, _effort);

    private void Read(string path, string keyword, JsonElement value)
    {
        switch (keyword)
        {
            case "type":
                Types &= TypesOf(path, value);
                break;
            case "enum":
                Values.Add(value.ValueKind == JsonValueKind.Array ? new ValueList([.. value.EnumerateArray()], _effort)
                    : throw new SchemaException(path, "must be an array"));
                break;
            case "const":
                Values.Add(new ValueList([value], _effort));
                break;
            case "minLength":
                Length = (Math.Max(Length.Min, Count(path, value)), Length.Max);
                break;
            case "maxLength":
                Length = (Length.Min, Least(Length.Max, Count(path, value)));
                break;
            case "minItems":
                Items = (Math.Max(Items.Min, Count(path, value)), Items.Max);
                break;
            case "maxItems":
                Items = (Items.Min, Least(Items.Max, Count(path, value)));
                break;
            case "minProperties":
                Properties = (Math.Max(Properties.Min, Count(path, value)), Properties.Max);
                break;
            case "maxProperties":
                Properties = (Properties.Min, Least(Properties.Max, Count(path, value)));
                break;
            case "uniqueItems":
                Unique = value.ValueKind switch
                {
                    JsonValueKind.True => path,
                    JsonValueKind.False => Unique,
                    _ => throw new SchemaException(path, "must be true or false"),
                };
                break;
            case "pattern":
                Patterns.Add((path, Text(path, value)));
                break;
            case "format":
                Formats.Add((path, Text(path, value)));
                break;
            case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf":
                Numbers = Numbers.With(path, keyword, value);
                break;
        }
    }

    private static ValueTypes TypesOf(string path, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Aggregate(ValueTypes.None, (types, item) => types | TypesOf(path, item)),
        JsonValueKind.String => value.GetString() switch
        {
            "null" => ValueTypes.Null,
            "boolean" => ValueTypes.Boolean,
            "integer" => ValueTypes.Integer,
            "number" => ValueTypes.Number,
            "string" => ValueTypes.String,
            "array" => ValueTypes.Array,
            "object" => ValueTypes.Object,
            string other => throw new SchemaException(path, $"\"{other}\" is no type; allowed: null, boolean, integer, number, string, array, object"),
            null => ValueTypes.None,
        },
        _ => throw new SchemaException(path, "must be a type's name or an array of them"),
    };

    private static int Count(string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double count) || count < 0 || count != Math.Floor(count))
            throw new SchemaException(path, "must be a whole number from 0");
        return count <= SchemaLimits.Count
            ? (int)count
            : throw new SchemaException(path,
                string.Create(CultureInfo.InvariantCulture, $"{value.GetRawText()} is more than the {SchemaLimits.Count} that can be enforced"));
    }

    private static int Least(int? one, int other) => Math.Min(one ?? other, other);

    private static string Text(string path, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new SchemaException(path, "must be a string");
}
