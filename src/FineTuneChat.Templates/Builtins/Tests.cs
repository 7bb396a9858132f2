using System.Collections.Frozen;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>What may follow <c>is</c>.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Func<Value, CallArguments, RenderContext, bool>> Table =
        new Dictionary<string, Func<Value, CallArguments, RenderContext, bool>>
        {
            ["defined"] = (x, _, _) => x is not UndefinedValue,
            ["undefined"] = (x, _, _) => x is UndefinedValue,
            ["none"] = (x, _, _) => x is NoneValue,
            ["boolean"] = (x, _, _) => x is BoolValue,
            ["true"] = (x, _, _) => x == BoolValue.True,
            ["false"] = (x, _, _) => x == BoolValue.False,
            ["integer"] = (x, _, _) => x is IntegerValue,
            ["float"] = (x, _, _) => x is FloatValue,
            ["number"] = (x, _, _) => Numbers.IsNumber(x),
            ["string"] = (x, _, _) => x is TextValue,
            ["mapping"] = (x, _, _) => x is DictValue,
            ["iterable"] = (x, _, _) => x is TextValue or ListValue or DictValue or UndefinedValue,
            ["sequence"] = (x, _, _) => x is TextValue or ListValue or DictValue or UndefinedValue,
            ["callable"] = (x, _, _) => x is FunctionValue,
            ["odd"] = (x, _, _) => Remainder(x, 2) != 0,
            ["even"] = (x, _, _) => Remainder(x, 2) == 0,
            ["divisibleby"] = (x, a, _) => Remainder(x, a.FindWhole(0, "num") ?? 0) == 0,
            ["lower"] = (x, _, c) => PythonText.Of(x, c).Text is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
            ["upper"] = (x, _, c) => PythonText.Of(x, c).Text is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
            ["in"] = (x, a, c) => Operators.Contains(a.Require(0, "seq"), x, c.Budget),
            ["sameas"] = (x, a, _) => IsSame(x, a.Require(0, "other")),
            ["eq"] = Comparison("=="),
            ["equalto"] = Comparison("=="),
            ["=="] = Comparison("=="),
            ["ne"] = Comparison("!="),
            ["!="] = Comparison("!="),
            ["lt"] = Comparison("<"),
            ["lessthan"] = Comparison("<"),
            ["<"] = Comparison("<"),
            ["le"] = Comparison("<="),
            ["<="] = Comparison("<="),
            ["gt"] = Comparison(">"),
            ["greaterthan"] = Comparison(">"),
            [">"] = Comparison(">"),
            ["ge"] = Comparison(">="),
            [">="] = Comparison(">="),
            ["filter"] = (x, _, _) => x is TextValue name && Filters.Exists(name.Text),
            ["test"] = (x, _, _) => x is TextValue name && Exists(name.Text),
        }.ToFrozenDictionary();

    public static bool Exists(string name) => Table.ContainsKey(name);

    public static bool Apply(string name, Value value, CallArguments arguments, RenderContext context) =>
        Table.TryGetValue(name, out Func<Value, CallArguments, RenderContext, bool>? test)
            ? test(value, arguments, context)
            : throw new TemplateException($"the test '{name}' is unknown; allowed are {string.Join(", ", Table.Keys.Order(StringComparer.Ordinal))}.");

    private static Func<Value, CallArguments, RenderContext, bool> Comparison(string sign) =>
        (x, arguments, context) => Operators.Compare(sign, x, arguments.Require(0, "other"), context);

    private static Int128 Remainder(Value value, Int128 divisor) => value is UndefinedValue undefined
        ? throw undefined.Error
        : Numbers.IsWhole(value) && divisor != 0
            ? Numbers.ToWhole(value) % divisor
            : throw new TemplateException("divisibility is a question of whole numbers other than 0.");

    private static bool IsSame(Value x, Value other) =>
        ReferenceEquals(x, other)
            || (x.GetType() == other.GetType() && x is TextValue or IntegerValue or FloatValue && ValueEquality.Instance.Equals(x, other));
}
