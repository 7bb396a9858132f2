using System.Text.Json;
using FineTuneChat.Chat.Schemas;
using FineTuneChat.Chat.Schemas.Automata;
using FineTuneChat.Chat.Schemas.Grammars;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Replies;

/// <summary>What a reply must be: JSON of a schema, calls of tools, or one of both; reasoning may stand before it.</summary>
public sealed record ReplyGrammar
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","additionalProperties":false}""");

    /// <summary>Where the reply begins.</summary>
    public ReasoningStart Reasoning { get; init; }

    /// <summary>The answer's schema; null when the answer is free.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>How calls are written.</summary>
    public ToolFormat Format { get; init; } = ToolFormat.Json;

    /// <summary>The tools that may be called.</summary>
    public IReadOnlyList<ChatTool> Tools { get; init; } = [];

    /// <summary>Whether there must be a call; otherwise there may be an answer instead.</summary>
    public bool MustCall { get; init; }

    /// <summary>Whether there may be more than one call.</summary>
    public bool Parallel { get; init; } = true;

    /// <summary>The grammar in llama.cpp's notation.</summary>
    /// <exception cref="SchemaException">A schema cannot be enforced; its path begins with the tool's place when it is that of a tool.</exception>
    public string Write()
    {
        (Grammar grammar, List<SchemaCompiler> compilers) = Build();
        return GrammarText.Of(grammar, compilers);
    }

    internal (Grammar Grammar, List<SchemaCompiler> Compilers) Build()
    {
        var grammar = new Grammar();
        Symbol.Reference root = grammar.Reserve();
        var json = new JsonRules(grammar, new Effort());
        var compilers = new List<SchemaCompiler>();
        var answers = new List<Symbol[]>();
        if (Schema is { } schema && !MustCall)
        {
            compilers.Add(new SchemaCompiler(new SchemaDocument(schema, json.Effort), grammar, json));
            answers.Add([compilers[0].Root]);
        }
        if (Tools.Count > 0)
        {
            Symbol calls = grammar.Rule(Calls(grammar, json, compilers));
            answers.Add([calls]);
            if (Schema is null && !MustCall)
                answers.Add(Format.OnlyAtStart ? [FreeText(json)] : [FreeText(json), grammar.Optional(calls)]);
        }
        grammar.Define(root, WithReasoning(grammar, json, grammar.Rule([.. answers])));
        return (grammar, compilers);
    }

    private Symbol[] Calls(Grammar grammar, JsonRules json, List<SchemaCompiler> compilers)
    {
        var items = new List<Symbol[]>();
        foreach ((int i, ChatTool tool) in Tools.Index())
        {
            var compiler = new SchemaCompiler(Document(i, tool, json.Effort), grammar, json, $"tools[{i}].function.parameters", onlyObjects: true);
            compilers.Add(compiler);
            items.Add(Format.NamesFirst
                ? [Format.ItemStart + tool.Name + CallHeader.Arguments, compiler.Root]
                : [Format.ItemStart + "{\"name\": ", .. json.Literal(tool.Name), $", \"{Format.ArgumentsKey}\": ", compiler.Root, "}" + Format.ItemEnd]);
        }
        Symbol item = grammar.Rule([.. items]);
        Symbol[] more = Parallel && Format.Separator is { } separator ? grammar.Repeat(grammar.Rule([.. Optional(separator), item]), 0, null) : [];
        return [.. Optional(Format.Open), item, .. more, .. Optional(Format.Close)];

        static Symbol[] Optional(string text) => text.Length > 0 ? [text] : [];
    }

    private static SchemaDocument Document(int index, ChatTool tool, Effort effort)
    {
        try
        {
            return new SchemaDocument(tool.Parameters ?? NoParameters, effort);
        }
        catch (SchemaException e)
        {
            throw e.In($"tools[{index}].function.parameters");
        }
    }

    /// <summary>Text that does not begin calls.</summary>
    private Symbol.Reference FreeText(JsonRules json)
    {
        Pattern triggers = new Pattern.Choice([.. Format.Triggers.Select(Pattern.Literal)]);
        Pattern before = Format.OnlyAtStart ? new Pattern.Repeat(new Pattern.Chars(CharClasses.Space), 0, null) : Pattern.AnyText;
        Automaton calls = Automaton.Of(new Pattern.Sequence([before, triggers, Pattern.AnyText]), json.Effort);
        return json.Follow(calls.Complement(), set => [[set]], []);
    }

    private Symbol[][] WithReasoning(Grammar grammar, JsonRules json, Symbol answer)
    {
        if (Reasoning == ReasoningStart.None)
            return [[answer]];
        Automaton closed = Automaton.Of(new Pattern.Sequence([Pattern.AnyText, Pattern.Literal(ReasoningTags.End), Pattern.AnyText]), json.Effort);
        Symbol[] rest = [json.Follow(closed.Complement(), set => [[set]], []), ReasoningTags.End, .. grammar.Repeat("\n", 0, 2), answer];
        return Reasoning == ReasoningStart.Open ? [rest] : [[answer], [ReasoningTags.Start, .. rest]];
    }
}
