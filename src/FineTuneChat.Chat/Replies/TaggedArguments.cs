using System.Text.Json;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Grammars;

namespace FineTuneChat.Chat.Replies;

/// <summary>The grammar of arguments in tags: the properties of a schema in their order, texts as they are, other values as JSON.</summary>
internal static class TaggedArguments
{
    private static readonly JsonElement Anything = JsonElement.Parse("true");

    /// <param name="grammar">Where the rules go.</param>
    /// <param name="tags">What stands around names and values.</param>
    /// <param name="schema">The tool's.</param>
    /// <param name="place">What errors say before the place in it.</param>
    /// <param name="isStrict">Whether all of it must be enforced.</param>
    /// <exception cref="SchemaException">It cannot be enforced.</exception>
    public static Symbol[] Of(GrammarBuilder grammar, ArgumentTags tags, JsonElement schema, string place, bool isStrict)
    {
        grammar.Schema(schema, place, onlyObjects: true, isStrict); // for its errors: what is wrong with it is wrong in any format
        if (!schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
            return [];
        HashSet<string> required = schema.TryGetProperty("required", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)] : [];
        return [.. properties.EnumerateObject().DistinctBy(p => p.Name).Select(property =>
        {
            string keyEnd = IsText(property.Value) ? tags.TextKeyEnd ?? tags.KeyEnd : tags.KeyEnd;
            Symbol[] argument = [tags.KeyStart + property.Name + keyEnd, Value(grammar, tags, property, place, isStrict), tags.ValueEnd];
            return required.Contains(property.Name) ? grammar.Rule(argument) : grammar.Optional(argument);
        })];
    }

    private static bool IsText(JsonElement schema) => Texts(schema).Length > 0
        || (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
            && type.GetString() == "string");

    /// <summary>The texts of an <c>enum</c>.</summary>
    private static string[] Texts(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array
            ? [.. values.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!).Where(text => text.Length > 0)]
            : [];

    private static Symbol Value(GrammarBuilder grammar, ArgumentTags tags, JsonProperty property, string place, bool isStrict)
    {
        JsonElement schema = property.Value;
        if (Texts(schema) is { Length: > 0 } texts)
            return grammar.Rule([.. texts.Select(text => new Symbol[] { text })]);
        if (IsText(schema))
            return grammar.TextWithout([tags.ValueEnd.Trim()]);
        bool refers = schema.GetRawText().Contains("\"$ref\"", StringComparison.Ordinal); // to a place outside of it
        return grammar.Schema(refers ? Anything : schema, $"{place}#/properties/{property.Name}", isStrict: isStrict);
    }
}
