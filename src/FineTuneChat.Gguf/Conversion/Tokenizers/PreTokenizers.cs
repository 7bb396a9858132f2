using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>
/// How a text is cut before pairs are merged. A GGUF file names the way; it is recognised here by the patterns of <c>tokenizer.json</c>, so that a vocabulary
/// of one's own, cut in a known way, is taken, too.
/// </summary>
internal static class PreTokenizers
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)", ContractionsSpelled = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", Lead = @"[^\r\n\p{L}\p{N}]?";
    private const string Marks = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", MarksWithSlash = @" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", Digits = "digits one by one";

    /// <summary>By the patterns, one after the other: names in GGUF files, and whether a whole word that is a token is taken without merging.</summary>
    private static readonly Dictionary<string, (string Name, bool IgnoresMerges)[]> Known = new(StringComparer.Ordinal)
    {
        [$@"{Contractions}|{Lead}\p{{L}}+|\p{{N}}{{1,3}}|{Marks}"] = [("llama-bpe", true), ("dbrx", false)],
        [$@"{Contractions}|{Lead}\p{{L}}+|\p{{N}}|{Marks}"] = [("qwen2", false)],
        [$@"{Contractions}|{Lead}[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"] = [("qwen35", false)],
        [$@"{Lead}{Upper}*{Lower}+|{Lead}{Upper}+{Lower}*|\p{{N}}|{MarksWithSlash}"] = [("tekken", true)],
        [$@"{Lead}{Upper}*{Lower}+{Contractions}?|{Lead}{Upper}+{Lower}*{Contractions}?|\p{{N}}{{1,3}}|{MarksWithSlash}"] = [("gpt-4o", false)],
        [$"{Digits}\n{Gpt2}"] = [("smollm", false)],
        [Gpt2] = [("gpt-2", false)],
    };

    /// <summary>The name of the way a tokenizer cuts its texts.</summary>
    /// <param name="tokenizer">With byte-level BPE.</param>
    /// <param name="note">What llama.cpp does otherwise; null: nothing.</param>
    /// <exception cref="NotSupportedException">llama.cpp has no name for it.</exception>
    public static string NameOf(TokenizerJson tokenizer, out string? note)
    {
        string patterns = string.Join('\n', TokenizerJson.Flat(tokenizer.PreTokenizer, "pretokenizers").Select(part => PatternOf(tokenizer, part)).OfType<string>());
        if (!Known.TryGetValue(patterns.Replace(ContractionsSpelled, Contractions, StringComparison.Ordinal), out (string Name, bool IgnoresMerges)[]? ways))
            throw new NotSupportedException($"{tokenizer.Path}: it cuts texts in a way that is not known here ({Short(patterns)}). Known are those of "
                + $"{string.Join(", ", Known.Values.SelectMany(w => w).Select(w => w.Name).Order(StringComparer.Ordinal))}.");
        (string name, bool ignores) = ways.FirstOrDefault(way => way.IgnoresMerges == tokenizer.IgnoresMerges, ways[0]);
        note = ignores == tokenizer.IgnoresMerges ? null : $"llama.cpp {(ignores ? "takes" : "does not take")} words that are tokens as they are; this tokenizer "
            + $"{(ignores ? "merges" : "does")}: some rare words may be cut otherwise.";
        return name;
    }

    private static string? PatternOf(TokenizerJson tokenizer, JsonElement part) => part.Text("type") switch
    {
        "ByteLevel" => part.Flag("use_regex") == false ? null : Gpt2,
        "Digits" when part.Flag("individual_digits") == true => Digits,
        "Split" when part.Find("pattern")?.Text("Regex") is { } pattern && IsWhole(part) => pattern,
        var kind => throw new NotSupportedException($"{tokenizer.Path}: it cuts texts by '{kind}' in a way that llama.cpp has no name for."),
    };

    /// <summary>Whether the pattern's matches are the pieces: said in two ways.</summary>
    private static bool IsWhole(JsonElement split) => (split.Text("behavior"), split.Flag("invert") == true) is ("Isolated", false) or ("Removed", true);

    private static string Short(string patterns) => patterns.Length == 0 ? "not at all" : patterns.Length > 120 ? patterns[..120] + "…" : patterns;
}
