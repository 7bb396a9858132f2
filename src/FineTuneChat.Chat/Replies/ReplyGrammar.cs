using System.Globalization;
using System.Text.Json;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Grammars;

namespace FineTuneChat.Chat.Replies;

/// <summary>What a reply must be: JSON of a schema, calls of tools, or one of both; reasoning may stand before it.</summary>
public sealed record ReplyGrammar
{
    private const int MostCalls = 32;
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","additionalProperties":false}""");

    /// <summary>Where the reply begins.</summary>
    public ReasoningStart Reasoning { get; init; }

    /// <summary>The answer's schema; null when the answer is free.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>The texts that the answer may be, where it is no JSON; empty when it is free.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>The pattern that the answer matches as a whole, where it is no JSON; null when it is free.</summary>
    public string? Pattern { get; init; }

    /// <summary>Whether a condition in it that no grammar can hold is an error; otherwise it is left out.</summary>
    public bool IsStrict { get; init; }

    /// <summary>What the prompt has written already of what replies begin with; see <see cref="ToolFormat.OpeningOf"/>.</summary>
    public string Opening { get; init; } = "";

    /// <summary>How calls are written.</summary>
    public ToolFormat Format { get; init; } = ToolFormat.Json;

    /// <summary>The tools that may be called.</summary>
    public IReadOnlyList<ChatTool> Tools { get; init; } = [];

    /// <summary>Whether there must be a call; otherwise there may be an answer instead.</summary>
    public bool MustCall { get; init; }

    /// <summary>Whether there may be more than one call.</summary>
    public bool Parallel { get; init; } = true;

    private bool IsLimited => Schema is not null || Texts.Count > 0 || Pattern is not null;

    /// <summary>The grammar in llama.cpp's notation.</summary>
    /// <exception cref="SchemaException">A schema cannot be enforced; its path begins with the tool's place when it is that of a tool.</exception>
    public string Write() => Write(new GrammarBuilder());

    internal string Write(GrammarBuilder grammar)
    {
        var answers = new List<Symbol[]>();
        if (Schema is { } schema && !MustCall)
            answers.Add([.. Answer, grammar.Schema(schema, isStrict: IsStrict)]);
        else if (Texts.Count > 0 && !MustCall)
            answers.AddRange(Texts.Select(text => (Symbol[])[.. Answer, text]));
        else if (Pattern is not null && !MustCall)
            answers.Add([.. Answer, grammar.Matching(Pattern, "pattern")]);
        if (Tools.Count > 0)
        {
            Symbol calls = grammar.Rule(Calls(grammar));
            answers.Add([calls]);
            if (!IsLimited && !MustCall)
                answers.Add(Format.OnlyAtStart ? [.. Answer, FreeText(grammar)] : [.. Answer, FreeText(grammar), grammar.Optional(calls)]);
        }

        return grammar.Write(WithReasoning(grammar, grammar.Rule([.. answers])));
    }

    private Symbol[] Calls(GrammarBuilder grammar)
    {
        Symbol item = Item(Format.ItemStart), first = Opening.Length > 0 ? Item(Format.ItemStart[Opening.Length..]) : item;
        Symbol[] more = Parallel && Format.Separator is { } separator ? grammar.Repeat(grammar.Rule([.. Optional(separator), item]), 0, null) : [];
        return [.. Optional(Format.Open), first, .. more, .. Optional(Format.Close)];

        static Symbol[] Optional(string text) => text.Length > 0 ? [text] : [];

        Symbol Item(string start) => grammar.Rule([.. Tools.Select((tool, i) => Call(grammar, tool, start, $"tools[{i}].function.parameters"))]);
    }

    private Symbol[] Call(GrammarBuilder grammar, ChatTool tool, string start, string place)
    {
        JsonElement schema = tool.Parameters ?? NoParameters;
        Symbol[] arguments = Format.Tags is { } tags
            ? TaggedArguments.Of(grammar, tags, schema, place, tool.IsStrict)
            : [grammar.Schema(schema, place, onlyObjects: true, tool.IsStrict)];
        Symbol[] end = Format.ItemEnd.Length > 0 ? [Format.ItemEnd] : [];
        string[] begin = (start + tool.Name + Format.NameEnd).Split(ToolFormat.Index);
        return begin.Length == 1 ? [begin[0], .. arguments, .. end] : [begin[0], Number(grammar), begin[1], .. arguments, .. end];
    }

    /// <summary>Of a call in the reply. Models count; a grammar does not.</summary>
    private static Symbol Number(GrammarBuilder grammar) =>
        grammar.Rule([.. Enumerable.Range(0, MostCalls).Select(i => new Symbol[] { i.ToString(CultureInfo.InvariantCulture) })]);

    /// <summary>Text that does not begin calls.</summary>
    private Symbol FreeText(GrammarBuilder grammar) => grammar.TextWithout(Format.Triggers, Format.OnlyAtStart);

    /// <summary>What stands before an answer that is no call.</summary>
    private Symbol[] Answer => Format.AnswerStart.Length > 0 ? [Format.AnswerStart] : Opening.Length > 0 ? [Format.TextHeader] : [];

    private Symbol[][] WithReasoning(GrammarBuilder grammar, Symbol answer)
    {
        if (Format.AnswerStart.Length > 0)
            return [[answer], ["<|channel|>analysis<|message|>", grammar.TextWithout(["<|"]), "<|end|><|start|>assistant", answer]];
        if (Reasoning == ReasoningStart.None)
            return [[answer]];
        Symbol[] rest = [grammar.TextWithout([ReasoningTags.End]), ReasoningTags.End, .. grammar.Repeat("\n", 0, 2), answer];
        return Reasoning == ReasoningStart.Open ? [rest] : [[answer], [ReasoningTags.Start, .. rest]];
    }
}
