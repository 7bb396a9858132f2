namespace FineTuneChat.Datasets.Cleaning;

/// <summary>A rule by which a dataset is cleaned before it is learned; each can be switched on or off by its name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">What it does, as a clause: it goes on after "rows: ".</param>
/// <param name="IsUsual">Whether it is applied where nothing is said.</param>
public sealed record CleaningRule(string Name, string Text, bool IsUsual)
{
    /// <summary>Control characters.</summary>
    public const string ControlCharacters = "control_characters";

    /// <summary>White space around texts.</summary>
    public const string WhiteSpace = "white_space";

    /// <summary>Letters that were decoded wrongly.</summary>
    public const string Mojibake = "mojibake";

    /// <summary>JSON whose quotes are escaped once too often.</summary>
    public const string HalfEscapedJson = "half_escaped_json";

    /// <summary>Replies that begin like JSON and are none.</summary>
    public const string BrokenJson = "broken_json";

    /// <summary>Rows without a question or a reply.</summary>
    public const string Empty = "empty";

    /// <summary>Rows that say the same as an earlier one.</summary>
    public const string Duplicates = "duplicates";

    /// <summary>Rows that say nearly the same.</summary>
    public const string NearDuplicates = "near_duplicates";

    /// <summary>Rows that answer the same question otherwise.</summary>
    public const string Contradictions = "contradictions";

    /// <summary>All rules, in the order in which they are applied.</summary>
    public static IReadOnlyList<CleaningRule> All { get; } =
    [
        new(ControlCharacters, "control characters and byte order marks are removed from texts; tabs and line ends stay", true),
        new(WhiteSpace, "white space at the beginning and end of texts is removed, line ends become line feeds", true),
        new(Mojibake, "letters that were decoded wrongly (Ã± for ñ) are put right; where that is not sure, the row is left out", true),
        new(HalfEscapedJson, "JSON replies whose quotes are escaped once too often are put right", true),
        new(BrokenJson, "rows whose reply begins like JSON and is none are left out", false),
        new(Empty, "rows without a question or a reply are left out", true),
        new(Duplicates, "rows that say the same as an earlier one are left out; of two parts of the data, the test keeps it", true),
        new(NearDuplicates, "rows that say nearly the same as an earlier one are left out (about 85 % of the pairs of words, the same numbers)", true),
        new(Contradictions, "rows that answer the same question otherwise than an earlier one are left out", false),
    ];

    /// <summary>The rules that are applied.</summary>
    /// <param name="on">Names of rules to apply beside the usual ones, with commas; null: none.</param>
    /// <param name="off">Names of rules not to apply; <c>all</c>: none is but those of <paramref name="on"/>.</param>
    /// <exception cref="FormatException">A name is none; the message says which there are.</exception>
    public static IReadOnlyList<CleaningRule> Choose(string? on, string? off)
    {
        HashSet<string> added = Names(on), removed = Names(off);
        bool isNone = removed.Remove("all");
        if (added.Concat(removed).FirstOrDefault(name => All.All(rule => rule.Name != name)) is { } unknown)
            throw new FormatException($"'{unknown}' is no cleaning rule. There are {string.Join(", ", All.Select(rule => rule.Name))}.");
        return [.. All.Where(rule => added.Contains(rule.Name) || (rule.IsUsual && !isNone && !removed.Contains(rule.Name)))];
    }

    private static HashSet<string> Names(string? list) =>
        [.. (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}

/// <summary>What a rule has done.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Changed">Rows of which it changed a text.</param>
/// <param name="LeftOut">Rows that it left out.</param>
public sealed record CleaningFigure(string Rule, int Changed, int LeftOut);
