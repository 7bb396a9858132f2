using System.Text.Json;
using FineTuneChat.Chat.Schemas.Automata;
using FineTuneChat.Chat.Schemas.Grammars;

namespace FineTuneChat.Chat.Schemas;

/// <summary>Grammars, in llama.cpp's notation, that let a model write nothing but JSON of a schema.</summary>
public static class JsonGrammar
{
    /// <summary>The schema of any JSON object.</summary>
    public static JsonElement AnyObject { get; } = JsonElement.Parse("""{"type":"object"}""");

    /// <summary>The values that a JSON schema (draft 2020-12) describes. They are written in one way where JSON has several: keys in the schema's order, little white space.</summary>
    /// <param name="schema">The schema: an object, or true.</param>
    /// <exception cref="SchemaException">It cannot be enforced: a keyword is malformed or not supported, a limit is passed, or no value meets it.</exception>
    public static string OfSchema(JsonElement schema)
    {
        var grammar = new Grammar();
        Symbol.Reference root = grammar.Reserve();
        var effort = new Effort();
        var compiler = new SchemaCompiler(new SchemaDocument(schema, effort), grammar, new JsonRules(grammar, effort));
        grammar.Define(root, [compiler.Root]);
        return GrammarText.Of(grammar, [compiler]);
    }
}
