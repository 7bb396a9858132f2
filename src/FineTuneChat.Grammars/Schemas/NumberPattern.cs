using System.Globalization;
using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>
/// Numbers in a range as texts. At most 15 digits: then no two texts are the same double, and comparing doubles is comparing digits. Bounds
/// that have more allow as many.
/// </summary>
internal static class NumberPattern
{
    private const int UsualDigits = 15;
    private const int UsualDecimals = 6;

    /// <summary>Any number: beyond the digits of a range also an exponent, small enough for a double.</summary>
    public static readonly Automaton Any = Automaton.Of(PatternParser.Parse(@"^-?(0|[1-9]\d{0,14})(\.\d{1,15})?([eE][-+]?\d{1,2})?$"), new Effort());

    public static readonly Automaton AnyInteger = Automaton.Of(PatternParser.Parse(@"^(0|-?[1-9]\d{0,14})$"), new Effort());

    /// <exception cref="PatternException">A step is too fine, or the range takes too much effort.</exception>
    public static Automaton Of(NumberRange range, bool integersOnly, Effort effort)
    {
        if (range.IsOpen)
            return integersOnly ? AnyInteger : Any;
        int stepDecimals = range.Steps.Select(Decimals).DefaultIfEmpty().Max();
        int most = range.Steps.Count > 0 ? stepDecimals : Math.Max(UsualDecimals, Math.Max(Decimals(range.Min ?? 0), Decimals(range.Max ?? 0)));
        int[] decimals = integersOnly || most == 0 ? [0] : range.Steps.Count > 0 ? [0, most] : [.. Enumerable.Range(0, most + 1)];
        if (range.Steps.Count == 0)
            return Automaton.Of(new Pattern.Choice([.. decimals.SelectMany(count => Ranges(range, count))]), effort);

        // All multiples can be written with no decimals, or with as many as the steps have.
        Automaton[] multiples = [.. decimals.Select(count => Multiples(range, count, effort))];
        return multiples.Length == 1 ? multiples[0] : multiples[0].Complement().Intersect(multiples[1].Complement()).Complement();
    }

    private static Automaton Multiples(NumberRange range, int decimals, Effort effort) => range.Steps.Aggregate(
        Automaton.Of(new Pattern.Choice([.. Ranges(range, decimals)]), effort),
        (set, step) => set.Intersect(Automaton.OfMultiples(Divisor(step, decimals), effort)));

    private static List<Pattern> Ranges(NumberRange range, int decimals)
    {
        var options = new List<Pattern>();
        int digits = Math.Max(DigitsOf(range.Min), DigitsOf(range.Max));
        Int128 limit = Power(digits) - 1;
        Int128 low = -limit, high = limit;
        if (range.Min is { } min)
            low = Int128.Max(low, range.ExcludesMin ? Below(min, decimals) + 1 : -Below(-min, decimals));
        if (range.Max is { } max)
            high = Int128.Min(high, range.ExcludesMax ? -Below(-max, decimals) - 1 : Below(max, decimals));
        if (Int128.Max(low, 0) <= high)
            options.AddRange(Between(Int128.Max(low, 0), high, decimals, digits));
        if (low <= Int128.Min(high, -1))
            options.AddRange(Between(-Int128.Min(high, -1), -low, decimals, digits).Select(number => new Pattern.Sequence([Pattern.Literal("-"), number])));
        return options;
    }

    private static int DigitsOf(decimal? bound) =>
        bound is { } value ? Math.Max(UsualDigits, decimal.Truncate(Math.Abs(value)).ToString(CultureInfo.InvariantCulture).Length) : UsualDigits;

    /// <summary>The greatest number of so many decimals that is not above a value, without its point.</summary>
    private static Int128 Below(decimal value, int decimals)
    {
        decimal whole = Math.Floor(value);
        return ((Int128)whole * Power(decimals)) + (Int128)Math.Floor((value - whole) * (decimal)Power(decimals));
    }

    /// <summary>
    /// Numbers from low to high, both 0 or more, with the point before the last decimals: by number of digits, where all of a number are
    /// allowed together.
    /// </summary>
    private static IEnumerable<Pattern> Between(Int128 low, Int128 high, int decimals, int maxDigits)
    {
        var all = new List<int>();
        for (int digits = decimals + 1; digits <= maxDigits; digits++)
        {
            Int128 smallest = digits == decimals + 1 ? 0 : Power(digits - 1); // no zeros in front but the one before the point
            Int128 largest = Power(digits) - 1;
            if (smallest > 0 && low <= smallest && high >= largest)
                all.Add(digits - decimals - 1);
            else if (Int128.Max(low, smallest) <= Int128.Min(high, largest))
                yield return Digits(Text(Int128.Max(low, smallest), digits), Text(Int128.Min(high, largest), digits), decimals);
        }

        Pattern.Chars digit = new(CharClasses.Digit);
        if (all.Count > 0)
        {
            Pattern[] fraction = decimals > 0 ? [Pattern.Literal("."), Pattern.Digits(decimals)] : [];
            yield return new Pattern.Sequence([new Pattern.Chars(CharSet.Of(('1', '9'))), new Pattern.Repeat(digit, all[0], all[^1]), .. fraction]);
        }
    }

    /// <summary>Texts of digits from one to another of the same length, in their order.</summary>
    private static Pattern Digits(string low, string high, int decimals)
    {
        if (low.Length == 0)
            return Pattern.Nothing;
        if (low.Length == decimals) // the point comes next; behind it there is none
            return new Pattern.Sequence([Pattern.Literal("."), Digits(low, high, decimals: -1)]);
        if (low.All(c => c == '0') && high.All(c => c == '9'))
        {
            return decimals <= 0
                ? Pattern.Digits(low.Length)
                : new Pattern.Sequence([Pattern.Digits(low.Length - decimals), Pattern.Literal("."), Pattern.Digits(decimals)]);
        }

        string zeros = new('0', low.Length - 1), nines = new('9', low.Length - 1);
        if (low[0] == high[0])
            return First(low[0], low[0], low[1..], high[1..]);
        var options = new List<Pattern> { First(low[0], low[0], low[1..], nines), First(high[0], high[0], zeros, high[1..]) };
        if (high[0] - low[0] > 1)
            options.Add(First((char)(low[0] + 1), (char)(high[0] - 1), zeros, nines));
        return new Pattern.Choice(options);

        Pattern First(char from, char to, string restLow, string restHigh) =>
            new Pattern.Sequence([new Pattern.Chars(CharSet.Of((from, to))), Digits(restLow, restHigh, decimals)]);
    }

    private static int Divisor(decimal step, int decimals)
    {
        // digits / 10^decimals = n * step  ⇔  digits * 10^more is a multiple of step * 10^(decimals + more)
        int more = Math.Max(0, Decimals(step) - decimals);
        decimal whole = step * (decimal)Power(decimals) * (decimal)Power(more);
        decimal divisor = whole / Gcd(whole, (decimal)Power(more));
        return divisor <= SchemaLimits.States ? (int)divisor : throw new PatternException($"a step of {step} is too fine to enforce");
    }

    private static decimal Gcd(decimal a, decimal b) => b == 0 ? a : Gcd(b, a % b);

    public static int Decimals(decimal value) => (value / 1.0000000000000000000000000000m).Scale;

    private static Int128 Power(int exponent) => Enumerable.Repeat((Int128)10, exponent).Aggregate(Int128.One, (power, ten) => power * ten);

    private static string Text(Int128 number, int digits) => number.ToString("D" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
