using System.Collections.Frozen;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>A filter: what it makes of the value before the bar.</summary>
internal delegate Value Filter(Value value, CallArguments arguments, RenderContext context);

/// <summary>What may follow <c>|</c>.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Filter> Table = new Dictionary<string, Filter>
    {
        // Any value
        ["default"] = (x, a, _) => ValueFilters.Default(x, a),
        ["d"] = (x, a, _) => ValueFilters.Default(x, a),
        ["tojson"] = JsonText.Of,
        ["string"] = Plain(PythonText.Of),
        ["safe"] = Plain(PythonText.Of),
        ["length"] = Plain((x, _) => ValueFilters.Length(x)),
        ["count"] = Plain((x, _) => ValueFilters.Length(x)),
        ["attr"] = (x, a, c) => ValueFilters.Attr(x, a.Only("name").RequireText(0, "name").Text, c),

        // Numbers
        ["abs"] = Plain((x, _) => ValueFilters.Abs(x)),
        ["int"] = (x, a, _) => ValueFilters.Int(x, a),
        ["float"] = (x, a, _) => ValueFilters.Float(x, a),
        ["round"] = (x, a, _) => ValueFilters.Round(x, a),

        // Texts
        ["upper"] = Plain(TextFilters.Upper),
        ["lower"] = Plain(TextFilters.Lower),
        ["title"] = Plain(TextFilters.Title),
        ["capitalize"] = Plain(TextFilters.Capitalize),
        ["trim"] = TextFilters.Trim,
        ["replace"] = TextFilters.Replace,
        ["indent"] = TextFilters.Indent,
        ["center"] = TextFilters.Center,
        ["truncate"] = TextFilters.Truncate,
        ["wordcount"] = Plain(TextFilters.WordCount),
        ["escape"] = Plain(TextFilters.Escape),
        ["e"] = Plain(TextFilters.Escape),
        ["urlencode"] = Plain(TextFilters.UrlEncode),
        ["format"] = TextFilters.Format,

        // Lists and dicts
        ["list"] = Plain(SequenceFilters.List),
        ["items"] = Plain(SequenceFilters.Items),
        ["dictsort"] = SequenceFilters.DictSort,
        ["first"] = Plain(SequenceFilters.First),
        ["last"] = Plain(SequenceFilters.Last),
        ["reverse"] = Plain(SequenceFilters.Reverse),
        ["join"] = SequenceFilters.Join,
        ["sort"] = SequenceFilters.Sort,
        ["unique"] = SequenceFilters.Unique,
        ["min"] = SequenceFilters.Min,
        ["max"] = SequenceFilters.Max,
        ["sum"] = SequenceFilters.Sum,
        ["batch"] = SequenceFilters.Batch,
        ["slice"] = SequenceFilters.Slice,
        ["groupby"] = SelectionFilters.GroupBy,
        ["map"] = SelectionFilters.Map,
        ["select"] = SelectionFilters.Select,
        ["reject"] = SelectionFilters.Reject,
        ["selectattr"] = SelectionFilters.SelectAttr,
        ["rejectattr"] = SelectionFilters.RejectAttr,
    }.ToFrozenDictionary();

    public static bool Exists(string name) => Table.ContainsKey(name);

    public static Value Apply(string name, Value value, CallArguments arguments, RenderContext context) =>
        Table.TryGetValue(name, out Filter? filter)
            ? filter(value, arguments, context)
            : throw new TemplateException($"the filter '{name}' is unknown; allowed are {string.Join(", ", Table.Keys.Order(StringComparer.Ordinal))}.");

    private static Filter Plain(Func<Value, RenderContext, Value> filter) => (value, arguments, context) =>
    {
        arguments.Only();
        return filter(value, context);
    };
}
