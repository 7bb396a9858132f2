using System.Text.RegularExpressions;

namespace FineTuneChat.Starter.Corpus;

/// <summary>Fills <c>{slots}</c> and repairs what filling breaks.</summary>
internal static partial class Template
{
    /// <summary>The text with every slot replaced; the first letter becomes a capital, Spanish contractions are made.</summary>
    public static string Fill(string template, IReadOnlyDictionary<string, string> values)
    {
        var text = Slot().Replace(template, m => values.TryGetValue(m.Groups[1].Value, out var value)
            ? value
            : throw new InvalidDataException($"\"{template}\" uses {m.Value}, which is not bound; bound are {string.Join(", ", values.Keys)}."));
        return Capitalised(text.Replace(" de el ", " del ").Replace(" a el ", " al "));
    }

    /// <summary>The text with its first letter as a capital; marks such as ¿ before it are passed over, a digit before it is not.</summary>
    public static string Capitalised(string text)
    {
        var at = 0;
        while (at < text.Length && !char.IsLetterOrDigit(text[at]) && text[at] is not '{') at++;
        return at == text.Length ? text : string.Concat(text.AsSpan(0, at), char.ToUpperInvariant(text[at]).ToString(), text.AsSpan(at + 1));
    }

    [GeneratedRegex(@"\{([a-z][a-z0-9_.]*)\}")]
    private static partial Regex Slot();
}
