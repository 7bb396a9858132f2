using System.Globalization;
using System.Text;

namespace FineTuneChat.Grammars.Rules;

/// <summary>Writes rules in llama.cpp's notation (GBNF).</summary>
internal static class GrammarWriter
{
    public static string Write(Symbol[][][] rules)
    {
        var text = new StringBuilder();
        for (int i = 0; i < rules.Length; i++)
        {
            if (rules[i].Length == 0)
                continue; // nothing refers to it
            text.Append(Name(i)).Append(" ::=");
            for (int k = 0; k < rules[i].Length; k++)
            {
                text.Append(k > 0 ? " |" : "");
                if (rules[i][k].Length == 0)
                    text.Append(" \"\"");
                foreach (Symbol symbol in rules[i][k])
                    Write(text.Append(' '), symbol);
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Name(int rule) => rule == 0 ? "root" : string.Create(CultureInfo.InvariantCulture, $"r{rule}");

    private static void Write(StringBuilder text, Symbol symbol)
    {
        switch (symbol)
        {
            case Symbol.Text literal:
                text.Append('"');
                foreach (Rune c in literal.Value.EnumerateRunes())
                    Write(text, c.Value);
                text.Append('"');
                break;
            case Symbol.OneOf one:
                text.Append('[');
                foreach ((int low, int high) in one.Set.Ranges)
                {
                    Write(text, low);
                    if (high > low)
                        Write(text.Append('-'), high);
                }
                text.Append(']');
                break;
            case Symbol.Reference reference:
                text.Append(Name(reference.Rule));
                break;
        }
    }

    /// <summary>Letters, digits and a few signs as they are; everything that could mean something by its number.</summary>
    private static void Write(StringBuilder text, int c)
    {
        if (c < 0x80 && (char.IsAsciiLetterOrDigit((char)c) || c is ' ' or '_' or ':' or ',' or '.' or '{' or '}' or '/' or '<' or '>'))
            text.Append((char)c);
        else if (c <= 0xFF)
            text.Append(CultureInfo.InvariantCulture, $"\\x{c:X2}");
        else
            text.Append(CultureInfo.InvariantCulture, $"{(c <= 0xFFFF ? $"\\u{c:X4}" : $"\\U{c:X8}")}");
    }
}
