using System.Text.Json;
using FineTuneChat.Grammars.Automata;
using FineTuneChat.Grammars.Rules;
using FineTuneChat.Grammars.Schemas;

namespace FineTuneChat.Grammars;

/// <summary>Puts a grammar together from texts, JSON schemas and free text. Not thread-safe.</summary>
public sealed class GrammarBuilder
{
    private readonly JsonRules _json;
    private readonly Symbol.Reference _root;
    private readonly List<SchemaCompiler> _compilers = [];

    /// <summary>Begins with an empty grammar.</summary>
    public GrammarBuilder()
    {
        _root = Grammar.Reserve(); // GBNF begins with the first rule
        _json = new JsonRules(Grammar, new Effort());
    }

    internal Grammar Grammar { get; } = new();

    /// <summary>What one of several alternatives matches.</summary>
    /// <param name="alternatives">The symbols of each, in order; one without symbols matches the empty text.</param>
    /// <exception cref="SchemaException">The grammar becomes too large.</exception>
    public Symbol Rule(params Symbol[][] alternatives) => Grammar.Rule(alternatives);

    /// <summary>Symbols that may be absent.</summary>
    /// <param name="symbols">The symbols, in order.</param>
    /// <exception cref="SchemaException">The grammar becomes too large.</exception>
    public Symbol Optional(params Symbol[] symbols) => Grammar.Optional(symbols);

    /// <summary>A symbol several times.</summary>
    /// <param name="unit">The symbol; it must not match the empty text.</param>
    /// <param name="min">Least number, from 0.</param>
    /// <param name="max">Greatest number; null for no limit.</param>
    /// <exception cref="SchemaException">The grammar becomes too large.</exception>
    public Symbol[] Repeat(Symbol unit, int min, int? max) => Grammar.Repeat(unit, min, max);

    /// <summary>A JSON string with these characters.</summary>
    /// <param name="text">The string's value.</param>
    public static Symbol JsonString(string text) => JsonRules.Literal(text);

    /// <summary>The values that a JSON schema (draft 2020-12) describes, as JSON.</summary>
    /// <param name="schema">The schema: an object, or true.</param>
    /// <param name="place">What errors say before the place in the schema, where there are several schemas.</param>
    /// <param name="onlyObjects">Whether values must be objects, whatever the schema says.</param>
    /// <param name="isStrict">Whether a condition that no grammar can hold is an error; otherwise it is left out.</param>
    /// <exception cref="SchemaException">A keyword is malformed or cannot be enforced, or a limit is passed.</exception>
    public Symbol Schema(JsonElement schema, string place = "", bool onlyObjects = false, bool isStrict = true)
    {
        SchemaDocument document;
        try
        {
            document = new SchemaDocument(schema, _json.Effort, isStrict);
        }
        catch (SchemaException e)
        {
            throw e.In(place);
        }

        var compiler = new SchemaCompiler(document, Grammar, _json, place, onlyObjects);
        _compilers.Add(compiler);
        return compiler.Root;
    }

    /// <summary>Any text, the empty one too, in which none of some texts occurs.</summary>
    /// <param name="texts">The texts, at least one, none empty.</param>
    /// <param name="onlyAtStart">Only at its beginning must none of them stand, with or without white space before it.</param>
    /// <exception cref="SchemaException">The grammar becomes too large.</exception>
    public Symbol TextWithout(IEnumerable<string> texts, bool onlyAtStart = false)
    {
        Pattern before = onlyAtStart ? new Pattern.Repeat(new Pattern.Chars(CharClasses.Space), 0, null) : Pattern.AnyText;
        var found = new Pattern.Sequence([before, new Pattern.Choice([.. texts.Select(Pattern.Literal)]), Pattern.AnyText]);
        return _json.Follow(Automaton.Of(found, _json.Effort).Complement(), set => [[Symbol.Of(set)]], []);
    }

    /// <summary>Any text that matches a pattern as a whole.</summary>
    /// <param name="pattern">The pattern, as in a schema.</param>
    /// <param name="place">What errors say before it.</param>
    /// <exception cref="SchemaException">It is no pattern, has something that a grammar cannot express, or is too large.</exception>
    public Symbol Matching(string pattern, string place)
    {
        try
        {
            return _json.Follow(Automaton.Of(PatternParser.Parse($"^(?:{pattern})$"), _json.Effort), set => [[Symbol.Of(set)]], [], "text");
        }
        catch (PatternException e)
        {
            throw new SchemaException(place, e.Message);
        }
    }

    /// <summary>The grammar in llama.cpp's notation.</summary>
    /// <param name="alternatives">What a text may be; see <see cref="Rule"/>.</param>
    /// <exception cref="SchemaException">No value meets a schema, branches of a <c>oneOf</c> overlap, or llama.cpp could not read the grammar.</exception>
    public string Write(params Symbol[][] alternatives)
    {
        Grammar.Define(_root, alternatives);
        return GrammarText.Of(Grammar, _compilers);
    }
}
