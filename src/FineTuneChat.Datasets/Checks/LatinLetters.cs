namespace FineTuneChat.Datasets.Checks;

/// <summary>
/// Latin letters without their accents. By a table, because the program runs without the culture data that <see cref="string.Normalize()"/> needs.
/// </summary>
internal static class LatinLetters
{
    private const string Accented = "áàâäãåāăąçćčĉċďđéèêëēĕėęěĝğġģĥħíìîïĩīĭįıĵķĺļľŀłñńņňóòôöõøōŏőŕŗřśŝşšßţťŧúùûüũūŭůűųŵýÿŷźżžæœ";
    private const string Plain = "aaaaaaaaacccccddeeeeeeeeegggghhiiiiiiiiijklllllnnnnooooooooorrrssssstttuuuuuuuuuuwyyyzzzao";

    private static readonly Dictionary<char, char> Table = Accented.Zip(Plain).ToDictionary(pair => pair.First, pair => pair.Second);

    /// <summary>In lower case, without an accent.</summary>
    public static char PlainOf(char c)
    {
        char small = char.ToLowerInvariant(c);
        return small < 128 ? small : Table.GetValueOrDefault(small, small);
    }

    /// <summary>Whether it is an accent by itself, which stands behind its letter.</summary>
    public static bool IsAccent(char c) => c is >= '\u0300' and <= '\u036F';
}
