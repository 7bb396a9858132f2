using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>One condition on a value.</summary>
/// <param name="Path">JSON pointer of the schema that it comes from.</param>
/// <param name="Kind">Which of that schema's conditions.</param>
/// <param name="Schema">The schema there.</param>
internal sealed record SchemaPart(string Path, PartKind Kind, JsonElement Schema)
{
    /// <summary>Tells it from any other.</summary>
    public string Label { get; } = $"{Path} {Kind}";

    public bool Equals(SchemaPart? other) => ReferenceEquals(this, other) || Label == other?.Label;

    public override int GetHashCode() => Label.GetHashCode(StringComparison.Ordinal);
}

internal enum PartKind
{
    /// <summary>Its own keywords.</summary>
    Keywords,

    /// <summary>One of the schemas of its <c>anyOf</c>.</summary>
    AnyOf,

    /// <summary>Exactly one of the schemas of its <c>oneOf</c>.</summary>
    OneOf,

    /// <summary>The schema <c>false</c>.</summary>
    Never,
}

/// <summary>Conditions that all hold. Two with the same conditions are the same, in whatever order they were found.</summary>
internal sealed class Conjunction
{
    /// <summary>No condition: any value.</summary>
    public static readonly Conjunction Anything = new([]);

    public Conjunction(IEnumerable<SchemaPart> parts)
    {
        Parts = [.. parts.Distinct()];
        Key = string.Join('\n', Parts.Select(p => p.Label).Order(StringComparer.Ordinal));
    }

    public IReadOnlyList<SchemaPart> Parts { get; }

    public string Key { get; }

    /// <summary>Where an error about it is reported.</summary>
    public string Path => Parts.Count > 0 ? Parts[0].Path : "#";

    public Conjunction And(Conjunction other) => new([.. Parts, .. other.Parts]);

    public Conjunction Without(SchemaPart part) => new(Parts.Where(p => p != part));
}
