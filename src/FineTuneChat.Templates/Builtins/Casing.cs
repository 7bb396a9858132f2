using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Upper and lower case, with the letters that become two.</summary>
internal static class Casing
{
    public static TextValue Upper(TextValue text, Budget budget) => text.Map(UpperText, budget);

    public static TextValue Lower(TextValue text, Budget budget) => text.Map(part => part.Replace("\u0130", "i\u0307").ToLowerInvariant(), budget);

    /// <summary>The first character of each word in upper case, the rest in lower case.</summary>
    public static TextValue Words(TextValue text, Func<char, bool> isBetween, RenderContext context)
    {
        TextBuilder words = context.NewText();
        bool isFirst = true;
        foreach (Value character in CodePoints.Split(text, context.Budget))
        {
            var letter = (TextValue)character;
            words.Append(isFirst ? Upper(letter, context.Budget) : Lower(letter, context.Budget));
            isFirst = isBetween(letter.Text[0]);
        }
        return words.ToValue();
    }

    public static string UpperText(string text)
    {
        text = text.ToUpperInvariant();
        return text.AsSpan().IndexOfAnyInRange('\u00df', '\ufb06') < 0 ? text : text
            .Replace("\u00df", "SS").Replace("\u0149", "\u02bcN").Replace("\u01f0", "J\u030c")
            .Replace("\ufb00", "FF").Replace("\ufb01", "FI").Replace("\ufb02", "FL").Replace("\ufb03", "FFI").Replace("\ufb04", "FFL")
            .Replace("\ufb05", "ST").Replace("\ufb06", "ST");
    }
}
