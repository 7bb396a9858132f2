using System.Globalization;
using System.Text;

namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>How a label becomes a key.</summary>
/// <param name="Of">"delay hours" → delay_hours, delayHours, "delay hours" or Delay-Hours.</param>
internal sealed record KeyStyle(Func<string, string> Of)
{
    public static IReadOnlyList<(KeyStyle Item, double Weight)> All { get; } =
    [
        (new KeyStyle(label => Plain(label).Replace(' ', '_')), 0.5),
        (new KeyStyle(Camel), 0.2),
        (new KeyStyle(label => label), 0.2),
        (new KeyStyle(label => Plain(label).Replace(' ', '-').ToUpperInvariant()), 0.1),
    ];

    private static string Camel(string label)
    {
        var words = Plain(label).Split(' ');
        return words[0] + string.Concat(words.Skip(1).Select(Template.Capitalised));
    }

    /// <summary>Without accents.</summary>
    private static string Plain(string label) =>
        string.Concat(label.Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark));
}
