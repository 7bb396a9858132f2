using System.Globalization;

namespace FineTuneChat.Gateway.Tools.BuiltIn;

/// <summary>
/// Arithmetic as people write it: <c>(12.5 + 7) * 3</c>, <c>2^10</c>, <c>sqrt(2)</c>. Decimal where the numbers allow it, so that 0.1 + 0.2 is 0.3; else
/// floating point. Pure, and done in time that grows with the text.
/// </summary>
internal sealed class Calculator
{
    private const int MaxDepth = 50, MaxDigits = 28; // what a decimal holds
    private const int MaxPower = 1000; // multiplications of an exact power

    private readonly string _text;
    private int _at, _depth;

    private Calculator(string text) => _text = text;

    /// <exception cref="FormatException">It is no expression, or has no value; the message says where and why.</exception>
    public static string Evaluate(string expression)
    {
        var calculator = new Calculator(expression);
        Number value = calculator.Sum();
        if (calculator.Peek() is { } rest)
            throw calculator.Wrong($"'{rest}' is not expected");
        return value.ToText() ?? throw new FormatException("The result is no number: too large, or not defined.");
    }

    private Number Sum()
    {
        Number value = Product();
        while (true)
        {
            if (Take('+'))
                value = value.With(Product(), decimal.Add, (a, b) => a + b);
            else if (Take('-') || Take('−'))
                value = value.With(Product(), decimal.Subtract, (a, b) => a - b);
            else
                return value;
        }
    }

    private Number Product()
    {
        Number value = Signed();
        while (true)
        {
            if (Take('*') || Take('×') || Take('·'))
                value = value.With(Signed(), decimal.Multiply, (a, b) => a * b);
            else if (Take('/') || Take('÷'))
                value = value.With(Divisor(), decimal.Divide, (a, b) => a / b);
            else if (Take('%'))
                value = value.With(Divisor(), decimal.Remainder, (a, b) => a % b);
            else
                return value;
        }
    }

    private Number Divisor() => Signed() is var value && value.IsZero ? throw Wrong("division by zero") : value;

    /// <summary>-2^2 is -(2^2).</summary>
    private Number Signed()
    {
        if (++_depth > MaxDepth)
            throw Wrong("it is nested too deep");
        try
        {
            if (Take('-') || Take('−'))
                return new Number(0m).With(Signed(), decimal.Subtract, (a, b) => a - b);
            return Take('+') ? Signed() : Power();
        }
        finally
        {
            _depth--;
        }
    }

    private Number Power()
    {
        Number value = Single();
        if (Take('*', '*') || Take('^'))
            return value.ToPower(Signed(), MaxPower); // 2^3^2 is 2^9
        return value;
    }

    private Number Single()
    {
        if (Take('('))
        {
            Number inner = Sum();
            if (!Take(')'))
                throw Wrong("')' is missing");
            return inner;
        }
        if (Peek() is not { } next)
            throw Wrong("a number is missing");
        if (char.IsAsciiDigit(next) || next == '.')
            return Literal();
        if (char.IsAsciiLetter(next))
            return Named();
        throw Wrong($"'{next}' is not expected");
    }

    private Number Literal()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.' || _text[_at] == '_'))
            _at++;
        if (_at + 1 < _text.Length && _text[_at] is 'e' or 'E' && (char.IsAsciiDigit(_text[_at + 1]) || _text[_at + 1] is '-' or '+'))
            for (_at += 2; _at < _text.Length && char.IsAsciiDigit(_text[_at]);)
                _at++;
        string digits = _text[start.._at].Replace("_", "", StringComparison.Ordinal);
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (digits.Count(char.IsAsciiDigit) <= MaxDigits && decimal.TryParse(digits, Style, CultureInfo.InvariantCulture, out decimal exact))
            return new(exact);
        return double.TryParse(digits, Style, CultureInfo.InvariantCulture, out double rounded) ? new(null, rounded) : throw Wrong($"'{digits}' is no number");
    }

    private Number Named()
    {
        int start = _at;
        while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at]))
            _at++;
        string name = _text[start.._at].ToLowerInvariant();
        if (name == "pi")
            return new(null, Math.PI);
        if (name == "e")
            return new(null, Math.E);
        if (!Take('('))
            throw Wrong($"'{ToolText.Shown(name)}' is not known");
        List<Number> given = [Sum()];
        while (Take(','))
            given.Add(Sum());
        if (!Take(')'))
            throw Wrong("')' is missing");
        return Function(name, given);
    }

    private Number Function(string name, List<Number> given) => (name, given.Count) switch
    {
        ("min", _) => given.MinBy(n => n.Rounded)!,
        ("max", _) => given.MaxBy(n => n.Rounded)!,
        ("abs", 1) => given[0].As(Math.Abs, Math.Abs),
        ("round", 1) => given[0].As(x => decimal.Round(x, MidpointRounding.AwayFromZero), x => Math.Round(x, MidpointRounding.AwayFromZero)),
        ("round", 2) when given[1].Rounded is >= 0 and <= 15 => given[0].As(
            x => decimal.Round(x, (int)given[1].Rounded, MidpointRounding.AwayFromZero),
            x => Math.Round(x, (int)given[1].Rounded, MidpointRounding.AwayFromZero)),
        ("floor", 1) => given[0].As(decimal.Floor, Math.Floor),
        ("ceil", 1) => given[0].As(decimal.Ceiling, Math.Ceiling),
        ("sqrt", 1) => new(null, Math.Sqrt(given[0].Rounded)),
        ("exp", 1) => new(null, Math.Exp(given[0].Rounded)),
        ("ln", 1) => new(null, Math.Log(given[0].Rounded)),
        ("log10" or "log", 1) => new(null, Math.Log10(given[0].Rounded)),
        ("sin", 1) => new(null, Math.Sin(given[0].Rounded)),
        ("cos", 1) => new(null, Math.Cos(given[0].Rounded)),
        ("tan", 1) => new(null, Math.Tan(given[0].Rounded)),
        _ => throw Wrong($"there is no function '{ToolText.Shown(name)}' of {given.Count} numbers"),
    };

    private char? Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        return _at < _text.Length ? _text[_at] : null;
    }

    private bool Take(char symbol)
    {
        if (Peek() != symbol || (symbol == '*' && _at + 1 < _text.Length && _text[_at + 1] == '*'))
            return false;
        _at++;
        return true;
    }

    private bool Take(char first, char second)
    {
        if (Peek() != first || _at + 1 >= _text.Length || _text[_at + 1] != second)
            return false;
        _at += 2;
        return true;
    }

    private FormatException Wrong(string what) => new($"The expression cannot be worked out: {what}, at character {Math.Min(_at, _text.Length) + 1}.");

    /// <param name="Exact">Null where it has left what a decimal holds.</param>
    /// <param name="Value">As floating point, where it is not exact.</param>
    private sealed record Number(decimal? Exact, double Value = 0)
    {
        public double Rounded => Exact is { } exact ? (double)exact : Value;
        public bool IsZero => Rounded == 0;

        public Number With(Number other, Func<decimal, decimal, decimal> exactly, Func<double, double, double> roughly)
        {
            try
            {
                if (Exact is { } a && other.Exact is { } b)
                    return new(exactly(a, b));
            }
            catch (OverflowException)
            {
                // goes on in floating point
            }
            return new(null, roughly(Rounded, other.Rounded));
        }

        public Number As(Func<decimal, decimal> exactly, Func<double, double> roughly) =>
            Exact is { } exact ? new(exactly(exact)) : new(null, roughly(Value));

        public Number ToPower(Number power, int most)
        {
            if (Exact is null || power.Exact is not { } exponent || exponent != decimal.Truncate(exponent) || exponent < 0 || exponent > most)
                return new(null, Math.Pow(Rounded, power.Rounded));
            var result = new Number(1);
            for (int i = 0; i < exponent; i++)
                result = result.With(this, decimal.Multiply, (a, b) => a * b);
            return result;
        }

        public string? ToText() => Exact is { } exact ? exact.ToString("0.############################", CultureInfo.InvariantCulture)
            : double.IsFinite(Value) ? Value.ToString("G15", CultureInfo.InvariantCulture)
            : null;
    }
}
