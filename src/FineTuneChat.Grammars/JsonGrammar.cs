using System.Text.Json;

namespace FineTuneChat.Grammars;

/// <summary>Grammars, in llama.cpp's notation, that let a model write nothing but JSON of a schema.</summary>
public static class JsonGrammar
{
    /// <summary>The schema of any JSON object.</summary>
    public static JsonElement AnyObject { get; } = JsonElement.Parse("""{"type":"object"}""");

    /// <summary>
    /// The values that a JSON schema (draft 2020-12) describes. They are written in one way where JSON has several: keys in the
    /// schema's order, little white space.
    /// </summary>
    /// <param name="schema">The schema: an object, or true.</param>
    /// <param name="isStrict">Whether a condition that no grammar can hold is an error; otherwise it is left out.</param>
    /// <exception cref="SchemaException">
    /// It cannot be enforced: a keyword is malformed or, in a strict schema, not supported, a limit is passed, or no value meets it.
    /// </exception>
    public static string OfSchema(JsonElement schema, bool isStrict = true)
    {
        var builder = new GrammarBuilder();
        return builder.Write([builder.Schema(schema, isStrict: isStrict)]);
    }
}
