using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using FineTuneChat.Grammars.Automata;
using FineTuneChat.Grammars.Rules;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The rules of JSON itself. Little white space: enough to write on one line or indented, not so much that a reply could consist of it.</summary>
internal sealed partial class JsonRules
{
    private const int MostIndent = 20; // spaces

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly CharSet Controls = CharSet.Of(('\0', '\x1F'));

    /// <summary>What stands in a JSON string as it is.</summary>
    private static readonly CharSet Plain = CharSet.Of(('\0', '\x1F'), ('"', '"'), ('\\', '\\')).Complement();

    private readonly Grammar _grammar;
    private readonly Dictionary<(Automaton, string), Symbol.Reference> _followed = [];
    private readonly Symbol.Reference[] _anything = new Symbol.Reference[SchemaLimits.AnyDepth];

    public JsonRules(Grammar grammar, Effort effort)
    {
        _grammar = grammar;
        Effort = effort;
        Symbol hex = OneOf(('0', '9'), ('A', 'F'), ('a', 'f'));
        Character = grammar.Rule(
            [Symbol.Of(Plain)],
            ["\\", OneOf(('"', '"'), ('/', '/'), ('\\', '\\'), ('b', 'b'), ('f', 'f'), ('n', 'n'), ('r', 'r'), ('t', 't'))],
            ["\\u", OneOf(('0', '9'), ('A', 'C'), ('E', 'F'), ('a', 'c'), ('e', 'f')), hex, hex, hex],
            ["\\u", OneOf(('D', 'D'), ('d', 'd')), OneOf(('0', '7')), hex, hex]); // no halves of characters
        Space = grammar.Rule([], [" "], ["\n", .. grammar.Repeat(" ", 0, MostIndent)]);
        Gap = grammar.Optional(" ");
    }

    /// <summary>Counts what automata cost.</summary>
    public Effort Effort { get; }

    /// <summary>A character of a string, plain or escaped.</summary>
    public Symbol Character { get; }

    /// <summary>Between brackets, commas and values.</summary>
    public Symbol Space { get; }

    /// <summary>Behind a colon.</summary>
    public Symbol Gap { get; }

    /// <summary>Any value; arrays and objects not too deep, since readers of JSON have limits.</summary>
    public Symbol.Reference Anything => AnythingOf(SchemaLimits.AnyDepth - 1);

    /// <summary>A value as it is.</summary>
    public static string Text(JsonElement value) => WithPairs(JsonSerializer.Serialize(value, Relaxed));

    /// <summary>A string with these characters, written as models write it.</summary>
    public static Symbol Literal(string text) => WithPairs(JsonSerializer.Serialize(text, Relaxed));

    /// <summary>A string of a set, each character written in one way.</summary>
    public Symbol[] String(Automaton set) => [Follow(set, Encode, ["\""], "string")];

    /// <summary>The key of an object that is none of these names: plain characters, so that no escape stands for one of them.</summary>
    public Symbol[] KeyOtherThan(IReadOnlyCollection<string> names)
    {
        Automaton other = Automaton.Of(new Pattern.Choice([.. names.Select(Pattern.Literal)]), Effort).Complement();
        return names.Count == 0
            ? ["\"", .. _grammar.Repeat(Symbol.Of(Plain), 0, null), "\""]
            : [Follow(other, on => Plain.Intersect(on) is { IsEmpty: false } plain ? [[Symbol.Of(plain)]] : [], ["\""], "key")];
    }

    /// <summary>Rules that follow an automaton, one for each state.</summary>
    /// <param name="set">The automaton.</param>
    /// <param name="encode">The ways to write one character of a set.</param>
    /// <param name="quotes">What stands before and behind.</param>
    /// <param name="kind">Tells apart ways to write the same set.</param>
    public Symbol.Reference Follow(Automaton set, Func<CharSet, IEnumerable<Symbol[]>> encode, Symbol[] quotes, string kind = "")
    {
        if (_followed.TryGetValue((set, kind), out Symbol.Reference? known))
            return known;
        Symbol.Reference[] states = [.. set.States.Select(_ => _grammar.Reserve())];
        foreach ((int i, Automaton.State state) in set.States.Index())
        {
            IEnumerable<Symbol[]> on = state.Edges.SelectMany(edge => encode(edge.On).Select(way => (Symbol[])[.. way, states[edge.To]]));
            _grammar.Define(states[i], [.. on, .. state.Accepts ? new[] { quotes } : []]);
        }
        return _followed[(set, kind)] = set.IsEmpty ? _grammar.Rule() : _grammar.Rule([.. quotes, states[0]]);
    }

    /// <summary>.NET escapes what needs two UTF-16 units, such as emoji; a model writes it as it is.</summary>
    private static string WithPairs(string json) => Escapes().Replace(json, escape => escape.Groups["high"] is { Success: true } high
        ? new string([(char)Convert.ToInt32(high.Value, 16), (char)Convert.ToInt32(escape.Groups["low"].Value, 16)])
        : escape.Value);

    /// <summary>Every escape, so that none is found inside another.</summary>
    [GeneratedRegex(@"\\(?:u(?<high>D[89AB][0-9A-F]{2})\\u(?<low>D[C-F][0-9A-F]{2})|.)")]
    private static partial Regex Escapes();

    /// <summary>Characters of a set as they stand in a JSON string.</summary>
    private static IEnumerable<Symbol[]> Encode(CharSet set)
    {
        if (set.Intersect(Plain) is { IsEmpty: false } plain)
            yield return [Symbol.Of(plain)];
        foreach ((char c, string escape) in new[] { ('"', "\\\""), ('\\', "\\\\"), ('\n', "\\n"), ('\t', "\\t"), ('\r', "\\r") })
        {
            if (set.Contains(c))
                yield return [escape];
        }
        foreach ((int low, int high) in set.Intersect(Controls).Ranges)
        {
            for (int c = low; c <= high; c++)
            {
                if (c is not ('\n' or '\t' or '\r'))
                    yield return [$"\\u{c:x4}"];
            }
        }
    }

    private static Symbol OneOf(params ReadOnlySpan<(int Low, int High)> ranges) => Symbol.Of(CharSet.Of(ranges));

    private Symbol.Reference AnythingOf(int depth)
    {
        if (_anything[depth] is { } known)
            return known;
        var alternatives = new List<Symbol[]>
        {
            new Symbol[] { "\"", _grammar.Repeat(Character, 0, null)[0], "\"" },
            new Symbol[] { Follow(NumberPattern.Any, set => [[Symbol.Of(set)]], []) },
            new Symbol[] { "true" },
            new Symbol[] { "false" },
            new Symbol[] { "null" },
        };
        if (depth > 0)
        {
            Symbol inner = AnythingOf(depth - 1);
            alternatives.Add(ObjectRules.Any(_grammar, this, inner));
            alternatives.Add(ArrayRules.Any(_grammar, this, inner));
        }
        return _anything[depth] = _grammar.Rule([.. alternatives]);
    }
}
