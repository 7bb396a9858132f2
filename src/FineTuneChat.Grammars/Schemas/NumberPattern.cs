using System.Globalization;
using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>
/// Numbers in a range as texts. At most 15 digits: then no two texts are the same double, and comparing doubles is comparing digits.
/// </summary>
internal static class NumberPattern
{
    private const int MaxDigits = 15;
    private const int UsualDecimals = 6;

    /// <summary>Any number: beyond the digits of a range also an exponent, small enough for a double.</summary>
    public static readonly Automaton Any = Automaton.Of(PatternParser.Parse(@"^-?(0|[1-9]\d{0,14})(\.\d{1,15})?([eE][-+]?\d{1,2})?$"), new Effort());

    public static readonly Automaton AnyInteger = Automaton.Of(PatternParser.Parse(@"^(0|-?[1-9]\d{0,14})$"), new Effort());

    /// <exception cref="SchemaException">The bounds or steps have more digits than can be enforced.</exception>
    public static Automaton Of(NumberRange range, bool integersOnly, Effort effort)
    {
        if (range.IsOpen)
            return integersOnly ? AnyInteger : Any;
        int stepDecimals = range.Steps.Select(Decimals).DefaultIfEmpty().Max();
        int most = range.Steps.Count > 0 ? stepDecimals : Math.Max(UsualDecimals, Math.Max(Decimals(range.Min ?? 0), Decimals(range.Max ?? 0)));
        if (most > MaxDigits - 3)
            throw new SchemaException(range.Path, $"bounds and steps may have {MaxDigits - 3} decimals");
        int[] decimals = integersOnly || most == 0 ? [0] : range.Steps.Count > 0 ? [0, most] : [.. Enumerable.Range(0, most + 1)];
        if (range.Steps.Count == 0)
            return Automaton.Of(new Pattern.Choice([.. decimals.SelectMany(count => Ranges(range, count))]), effort);

        // All multiples can be written with no decimals, or with as many as the steps have.
        Automaton[] multiples = [.. decimals.Select(count => Multiples(range, count, effort))];
        return multiples.Length == 1 ? multiples[0] : multiples[0].Complement().Intersect(multiples[1].Complement()).Complement();
    }

    private static Automaton Multiples(NumberRange range, int decimals, Effort effort) => range.Steps.Aggregate(
        Automaton.Of(new Pattern.Choice([.. Ranges(range, decimals)]), effort),
        (set, step) => set.Intersect(Automaton.OfMultiples(Divisor(range, step, decimals), effort)));

    private static List<Pattern> Ranges(NumberRange range, int decimals)
    {
        var options = new List<Pattern>();
        long limit = Power(MaxDigits) - 1;
        decimal scale = Power(decimals);
        long low = range.Min is { } min ? (long)Math.Max(-limit, Math.Ceiling(min * scale)) : -limit;
        long high = range.Max is { } max ? (long)Math.Min(limit, Math.Floor(max * scale)) : limit;
        if (range.ExcludesMin && low == range.Min * scale)
            low++;
        if (range.ExcludesMax && high == range.Max * scale)
            high--;
        if (Math.Max(low, 0) <= high)
            options.AddRange(Between(Math.Max(low, 0), high, decimals));
        if (low <= Math.Min(high, -1))
            options.AddRange(Between(-Math.Min(high, -1), -low, decimals).Select(number => new Pattern.Sequence([Pattern.Literal("-"), number])));
        return options;
    }

    /// <summary>
    /// Numbers from low to high, both 0 or more, with the point before the last decimals: by number of digits, where all of a number are
    /// allowed together.
    /// </summary>
    private static IEnumerable<Pattern> Between(long low, long high, int decimals)
    {
        var all = new List<int>();
        for (int digits = decimals + 1; digits <= MaxDigits; digits++)
        {
            long smallest = digits == decimals + 1 ? 0 : Power(digits - 1); // no zeros in front but the one before the point
            long largest = Power(digits) - 1;
            if (smallest > 0 && low <= smallest && high >= largest)
                all.Add(digits - decimals - 1);
            else if (Math.Max(low, smallest) <= Math.Min(high, largest))
                yield return Digits(Text(Math.Max(low, smallest), digits), Text(Math.Min(high, largest), digits), decimals);
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

    private static int Divisor(NumberRange range, decimal step, int decimals)
    {
        // digits / 10^decimals = n * step  ⇔  digits * 10^more is a multiple of step * 10^(decimals + more)
        int more = Math.Max(0, Decimals(step) - decimals);
        decimal whole = step * Power(decimals) * Power(more);
        decimal divisor = whole / Gcd(whole, Power(more));
        return divisor <= SchemaLimits.States ? (int)divisor : throw new SchemaException(range.Path, $"a step of {step} is too fine to enforce");
    }

    private static decimal Gcd(decimal a, decimal b) => b == 0 ? a : Gcd(b, a % b);

    private static int Decimals(decimal value) => (value / 1.0000000000000000000000000000m).Scale;

    private static long Power(int exponent) => (long)Math.Pow(10, exponent);

    private static string Text(long number, int digits) => number.ToString("D" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
