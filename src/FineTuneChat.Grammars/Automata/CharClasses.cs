namespace FineTuneChat.Grammars.Automata;

/// <summary>ECMAScript's named sets of characters.</summary>
internal static class CharClasses
{
    public static readonly CharSet Digit = CharSet.Of(('0', '9'));
    public static readonly CharSet Word = CharSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    public static readonly CharSet Space = CharSet.Of(
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
            (0xFEFF, 0xFEFF));

    /// <summary><c>.</c>: all but line ends.</summary>
    public static readonly CharSet Dot = CharSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)).Complement();

    /// <summary>What <c>\d</c> and its like stand for; null for other letters.</summary>
    public static CharSet? OfEscape(char letter) => letter switch
    {
        'd' => Digit,
        'D' => Digit.Complement(),
        'w' => Word,
        'W' => Word.Complement(),
        's' => Space,
        'S' => Space.Complement(),
        't' => CharSet.Of('\t'),
        'n' => CharSet.Of('\n'),
        'v' => CharSet.Of('\v'),
        'f' => CharSet.Of('\f'),
        'r' => CharSet.Of('\r'),
        '0' => CharSet.Of('\0'),
        _ => null,
    };
}
