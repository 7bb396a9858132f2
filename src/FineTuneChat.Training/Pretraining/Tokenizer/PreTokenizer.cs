using System.Text.RegularExpressions;

namespace FineTuneChat.Training.Pretraining.Tokenizer;

/// <summary>Cuts text into the pieces that merges never cross: the pattern that llama.cpp runs for <c>tokenizer.ggml.pre = qwen2</c>.</summary>
internal static partial class PreTokenizer
{
    /// <summary>The name under which the GGUF asks llama.cpp for this pattern.</summary>
    public const string GgufName = "qwen2";

    /// <summary>The pieces in order; together they are the text again.</summary>
    public static IEnumerable<string> Split(string text) => Pieces().Matches(text).Select(m => m.Value);

    // Each digit is a piece of its own, which is what lets a small model do arithmetic.
    [GeneratedRegex(
        @"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
        + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant)]
    private static partial Regex Pieces();
}
