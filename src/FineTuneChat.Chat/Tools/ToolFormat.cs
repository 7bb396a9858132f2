using System.Text.RegularExpressions;

namespace FineTuneChat.Chat.Tools;

/// <summary>
/// How a model writes its calls of tools: what stands around them, and how name and arguments are put together. A call is written as
/// <see cref="ItemStart"/>, name, <see cref="NameEnd"/>, arguments, <see cref="ItemEnd"/>. Formats are declared in <see cref="ToolFormats"/>.
/// </summary>
public sealed partial record ToolFormat
{
    /// <summary>Hermes and Qwen: each call in a tag of its own, anywhere in the reply.</summary>
    public static readonly ToolFormat Hermes = ToolFormats.Hermes;

    /// <summary>Llama 3.x: the reply is one object, and the arguments are called parameters.</summary>
    public static readonly ToolFormat Llama = ToolFormats.Llama;

    /// <summary>Mistral: a list behind a marker.</summary>
    public static readonly ToolFormat Mistral = ToolFormats.Mistral;

    /// <summary>Mistral since 2025: each call has a marker, then its name, then its arguments.</summary>
    public static readonly ToolFormat MistralNamed = ToolFormats.MistralNamed;

    /// <summary>Models whose template knows no tools: the prompt explains them, see <see cref="ToolPrompt"/>.</summary>
    public static readonly ToolFormat Json = ToolFormats.Json;

    /// <summary>Stands for the number of the call in the reply, from 0.</summary>
    internal const string Index = "#";

    internal ToolFormat(string name) => Name = name;

    /// <summary>Its name in logs and tests.</summary>
    public string Name { get; }

    /// <summary>Texts that may be control tokens of a model; in this format they are text.</summary>
    public IReadOnlyList<string> Markers
    {
        get
        {
            string[] around = [.. Triggers, .. Between, Open, ItemStart, IdStart, NameEnd, ItemEnd, Close, AnswerStart,
                .. AnswerStart.Length > 0 ? new[] { "<|start|>", "<|end|>" } : [], .. Tags is { } t ? new[] { t.KeyStart, t.KeyEnd, t.ValueEnd } : []];
            return [.. Triggers.Concat(around.SelectMany(text => Marker().Matches(text).Select(m => m.Value))).Where(text => text.Length > 1).Distinct()];
        }
    }

    /// <summary>The template tells the model of its tools; otherwise the prompt does.</summary>
    internal bool TellsTools { get; init; } = true;

    /// <summary>The template writes the calls of earlier turns; otherwise they are written as text.</summary>
    internal bool WritesCalls { get; init; } = true;

    /// <summary>What calls begin with.</summary>
    internal IReadOnlyList<string> Triggers { get; init; } = [];

    /// <summary>Calls stand at the beginning of the reply, with nothing before them.</summary>
    internal bool OnlyAtStart { get; init; }

    /// <summary>What may stand around the calls, besides white space.</summary>
    internal IReadOnlyList<string> Between { get; init; } = [];

    internal string Open { get; init; } = "";

    /// <summary>Before a name; in formats whose calls are objects, with the object's beginning.</summary>
    internal string ItemStart { get; init; } = "{\"name\": \"";

    internal string NameEnd { get; init; } = "\", \"arguments\": ";

    internal string ItemEnd { get; init; } = "}";

    /// <summary>Between two calls; null when there is never more than one.</summary>
    internal string? Separator { get; init; }

    internal string Close { get; init; } = "";

    /// <summary>The name stands before the JSON, which is the arguments alone; see <see cref="CallHeader"/>.</summary>
    internal bool NamesFirst { get; init; }

    /// <summary>What may stand between name and <see cref="NameEnd"/>, with an id behind it; empty for nothing.</summary>
    internal string IdStart { get; init; } = "";

    /// <summary>The name is the key of the object, and the arguments its value.</summary>
    internal bool NameIsKey { get; init; }

    /// <summary>How arguments are written that are no JSON; null where they are.</summary>
    internal ArgumentTags? Tags { get; init; }

    /// <summary>Letters and digits that an id has; null for any.</summary>
    internal int? IdLength { get; init; }

    /// <summary>The template writes a call's id where its name belongs: ids are made of names.</summary>
    internal bool IdsAreNames { get; init; }

    /// <summary>Replies are in channels (see <see cref="Replies.ChannelReader"/>): before an answer stands this; empty where there are none.</summary>
    internal string AnswerStart { get; init; } = "";

    /// <summary>What stands in a call's place before text; empty where text stands by itself.</summary>
    internal string TextHeader { get; init; } = "";

    /// <summary>What the prompt has written already of what replies begin with; empty for nothing.</summary>
    /// <param name="prompt">The prompt, up to where the reply begins.</param>
    public string OpeningOf(string prompt) => TextHeader.Length > 0 && prompt.EndsWith(ItemStart, StringComparison.Ordinal) ? ItemStart : "";

    /// <summary>The template writes one call of a message: several become as many messages.</summary>
    internal bool OneCallPerMessage { get; init; }

    /// <summary>Texts that are all in templates of this format which write no calls: of its instructions.</summary>
    internal IReadOnlyList<string> Signs { get; init; } = [];

    private string Begin(string name, int index) => (ItemStart + name + NameEnd).Replace(Index, $"{index}", StringComparison.Ordinal);

    /// <summary>Calls as the model writes them.</summary>
    /// <param name="calls">Names, and arguments as JSON objects.</param>
    internal string Write(IEnumerable<(string Name, string Arguments)> calls) =>
        Open + string.Join(Separator ?? "\n", calls.Select((call, i) => Write(call.Name, call.Arguments, i) + ItemEnd)) + Close;

    /// <summary>A call up to the end of its arguments.</summary>
    internal string Write(string name, string arguments, int index) => Begin(name, index) + (Tags?.Write(arguments) ?? arguments);

    [GeneratedRegex(@"<[^<>\s]+>|\[[A-Z_]+\]")]
    private static partial Regex Marker();
}
