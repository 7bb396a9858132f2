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
    private readonly SchemaDocument _document;
    private readonly Lazy<Automaton?> _texts;

    public Shape(Conjunction all, SchemaDocument document)
    {
        _document = document;
        _texts = new Lazy<Automaton?>(() => TextSet.Of(this, document));
        Parts = [.. all.Parts.Where(p => p.Kind == PartKind.Keywords)];
        if (all.Parts.Any(p => p.Kind == PartKind.Never))
            Types = ValueTypes.None;
        foreach (SchemaPart part in Parts)
        {
            foreach (JsonProperty keyword in part.Schema.EnumerateObject())
                Read(SchemaDocument.Pointer(part.Path, keyword.Name), keyword.Name, keyword.Value, part.Schema);
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

    /// <summary>The strings that patterns and formats leave; null when none of both is enforced.</summary>
    public Automaton? Texts => _texts.Value;

    private void Read(string path, string keyword, JsonElement value, JsonElement schema)
    {
        switch (keyword)
        {
            case "type":
                Types &= TypesOf(path, value);
                break;
            case "enum":
                Values.Add(value.ValueKind == JsonValueKind.Array ? new ValueList([.. value.EnumerateArray()], _document.Effort)
                    : throw new SchemaException(path, "must be an array"));
                break;
            case "const":
                Values.Add(new ValueList([value], _document.Effort));
                break;
            case "minLength":
                Length = AtLeast(Length, Count(path, value));
                break;
            case "maxLength":
                Length = AtMost(Length, Count(path, value));
                break;
            case "minItems":
                Items = AtLeast(Items, Count(path, value));
                break;
            case "maxItems":
                Items = AtMost(Items, Count(path, value));
                break;
            case "minProperties":
                Properties = AtLeast(Properties, Count(path, value));
                break;
            case "maxProperties":
                Properties = AtMost(Properties, Count(path, value));
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
                if (Bound(keyword, value, schema) is { } bound)
                    Numbers = Numbers.With(_document, path, keyword, bound);
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

    /// <summary>Draft 4 has only a flag that makes <c>minimum</c> or <c>maximum</c> exclusive. Null: there is no bound.</summary>
    private static JsonElement? Bound(string keyword, JsonElement value, JsonElement schema) => value.ValueKind switch
    {
        JsonValueKind.False when keyword.StartsWith("exclusive", StringComparison.Ordinal) => null,
        JsonValueKind.True when keyword == "exclusiveMinimum" => schema.TryGetProperty("minimum", out JsonElement min) ? min : null,
        JsonValueKind.True when keyword == "exclusiveMaximum" => schema.TryGetProperty("maximum", out JsonElement max) ? max : null,
        _ => value,
    };

    /// <summary>Null when it is too large to be enforced.</summary>
    private int? Count(string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double count) || count < 0 || count != Math.Floor(count))
            throw new SchemaException(path, "must be a whole number from 0");
        if (count <= SchemaLimits.Count)
            return (int)count;
        _document.LeaveOut(path,
            string.Create(CultureInfo.InvariantCulture, $"{value.GetRawText()} is more than the {SchemaLimits.Count} that can be enforced"));
        return null;
    }

    private static (int Min, int? Max) AtLeast((int Min, int? Max) bounds, int? count) => (Math.Max(bounds.Min, count ?? 0), bounds.Max);

    private static (int Min, int? Max) AtMost((int Min, int? Max) bounds, int? count) =>
        (bounds.Min, bounds.Max is { } max && count is { } other ? Math.Min(max, other) : bounds.Max ?? count);

    private static string Text(string path, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new SchemaException(path, "must be a string");
}
