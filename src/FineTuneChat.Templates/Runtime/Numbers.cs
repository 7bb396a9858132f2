namespace FineTuneChat.Templates.Runtime;

/// <summary>Arithmetic as Python does it; whole numbers hold 127 bits and refuse to overflow.</summary>
internal static class Numbers
{
    public static bool IsNumber(Value value) => value is IntegerValue or FloatValue or BoolValue;

    public static bool IsWhole(Value value) => value is IntegerValue or BoolValue;

    public static Int128 ToWhole(Value value) => value is IntegerValue integer ? integer.Number : value.IsTrue ? 1 : 0;

    public static Int128 ToCount(Value value) => Int128.Clamp(ToWhole(value), -1_000_000_000_000_000_000, 1_000_000_000_000_000_000);

    public static double ToDouble(Value value) => value is FloatValue f ? f.Number : (double)ToWhole(value);

    public static Origin OriginOf(Value value) => value is IntegerValue integer ? integer.Origin : Origin.Template;

    public static int Compare(Value left, Value right) =>
        IsWhole(left) && IsWhole(right) ? ToWhole(left).CompareTo(ToWhole(right)) : ToDouble(left).CompareTo(ToDouble(right));

    public static Value Calculate(string sign, Value left, Value right)
    {
        try
        {
            return IsWhole(left) && IsWhole(right) && sign != "/" && !(sign == "**" && ToWhole(right) < 0)
                ? new IntegerValue(Whole(sign, ToWhole(left), ToWhole(right)), OriginOf(left).Blend(OriginOf(right)))
                : new FloatValue(Broken(sign, ToDouble(left), ToDouble(right)));
        }
        catch (OverflowException)
        {
            throw new TemplateException(TemplateError.Limit, "a whole number grows beyond the allowed 127 bits.");
        }
        catch (DivideByZeroException)
        {
            throw new TemplateException("division by zero.");
        }
    }

    private static Int128 Whole(string sign, Int128 a, Int128 b) => sign switch
    {
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "//" => FloorDivide(a, b),
        "%" => checked(a - FloorDivide(a, b) * b),
        "**" => Power(a, b),
        _ => throw new ArgumentOutOfRangeException(nameof(sign), sign, null),
    };

    private static double Broken(string sign, double a, double b) => sign switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => b == 0 ? throw new DivideByZeroException() : a / b,
        "//" => b == 0 ? throw new DivideByZeroException() : Math.Floor(a / b),
        "%" => b == 0 ? throw new DivideByZeroException() : a - Math.Floor(a / b) * b,
        "**" => a == 0 && b < 0 ? throw new DivideByZeroException() : Math.Pow(a, b),
        _ => throw new ArgumentOutOfRangeException(nameof(sign), sign, null),
    };

    private static Int128 FloorDivide(Int128 a, Int128 b)
    {
        Int128 quotient = checked(a / b);
        return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private static Int128 Power(Int128 a, Int128 b)
    {
        if (a == 0 || a == 1)
            return b == 0 ? 1 : a;
        if (a == -1)
            return Int128.IsEvenInteger(b) ? 1 : -1;
        if (b > 127)
            throw new OverflowException();
        Int128 power = 1;
        for (int i = 0; i < (int)b; i++)
            power = checked(power * a);
        return power;
    }
}
