using System.Text.RegularExpressions;

namespace FineTuneChat.Starter.Corpus;

/// <summary>Fills <c>{slots}</c> and repairs what filling breaks.</summary>
internal static partial class Template
{
    /// <summary>
    /// The text with every slot replaced; the first letter becomes a capital unless it is the part of a sentence, Spanish contractions are made.
    /// </summary>
    public static string Fill(string template, IReadOnlyDictionary<string, string> values, bool capital = true)
    {
        var text = Slot().Replace(template, m => values.TryGetValue(m.Groups[1].Value, out var value)
            ? value
            : throw new InvalidDataException($"\"{template}\" uses {m.Value}, which is not bound; bound are {string.Join(", ", values.Keys)}."));
        text = Contracted(text);
        return capital ? Capitalised(text) : text;
    }

    /// <summary>Spanish "de el" and "a el" as one word.</summary>
    public static string Contracted(string text) => text.Replace(" de el ", " del ").Replace(" a el ", " al ");

    /// <summary>The text with its first letter as a capital; ¿, ¡ and quotes before it are passed over, what code begins with is not.</summary>
    public static string Capitalised(string text)
    {
        var at = 0;
        while (at < text.Length && text[at] is '¿' or '¡' or '«' or '“' or '"' or '\'') at++;
        return at == text.Length ? text : string.Concat(text.AsSpan(0, at), char.ToUpperInvariant(text[at]).ToString(), text.AsSpan(at + 1));
    }

    [GeneratedRegex(@"\{([a-z][a-z0-9_.]*)\}")]
    private static partial Regex Slot();
}
