using System.Globalization;
using System.Text;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>The filter <c>tojson</c> as transformers has it: Python's <c>json.dumps</c> with <c>ensure_ascii</c> off by default and no HTML escapes.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder _json = new();
    private readonly RenderContext _context;
    private readonly string? _indent;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;
    private readonly bool _ensureAscii;
    private readonly bool _sortKeys;

    private JsonText(CallArguments arguments, RenderContext context)
    {
        _context = context;
        arguments.Only("ensure_ascii", "indent", "separators", "sort_keys");
        _ensureAscii = arguments.FindBool(0, "ensure_ascii");
        _indent = Indent(arguments.Find(1, "indent"));
        (_itemSeparator, _keySeparator) = Separators(arguments.Find(2, "separators"), _indent is not null);
        _sortKeys = arguments.FindBool(3, "sort_keys");
    }

    public static TextValue Of(Value value, CallArguments arguments, RenderContext context)
    {
        var writer = new JsonText(arguments, context);
        writer.Write(value, depth: 0);
        return new TextValue(writer._json.ToString(), Provenance.Of(value));
    }

    private void Write(Value value, int depth)
    {
        _context.Budget.Step();
        switch (value)
        {
            case TextValue text:
                WriteString(text.Text);
                break;
            case DictValue dict:
                WriteItems('{', '}', Entries(dict), depth, entry =>
                {
                    WriteString(Key(entry.Key));
                    Append(_keySeparator);
                    Write(entry.Value, depth + 1);
                });
                break;
            case ListValue list:
                WriteItems('[', ']', list.Items, depth, item => Write(item, depth + 1));
                break;
            default:
                Append(Scalar(value));
                break;
        }
    }

    private void WriteItems<T>(char open, char close, IReadOnlyCollection<T> items, int depth, Action<T> write)
    {
        Append(open.ToString());
        bool isFirst = true;
        foreach (T item in items)
        {
            if (!isFirst)
                Append(_itemSeparator);
            isFirst = false;
            NewLine(depth + 1);
            write(item);
        }
        if (items.Count > 0)
            NewLine(depth);
        Append(close.ToString());
    }

    private void NewLine(int depth)
    {
        if (_indent is null)
            return;
        Append("\n");
        for (int i = 0; i < depth; i++)
            Append(_indent);
    }

    private void WriteString(string text)
    {
        Append("\"");
        int plain = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (Escape(text, i) is not { } escape)
                continue;
            Append(text[plain..i]);
            Append(escape);
            plain = i + 1;
        }
        Append(text[plain..]);
        Append("\"");
    }

    private string? Escape(string text, int index) => text[index] switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        < ' ' => Hex(text[index]),
        > '~' when _ensureAscii => Hex(text[index]),
        _ => null,
    };

    private static string Hex(char c) => $"\\u{(int)c:x4}";

    private void Append(string text)
    {
        _context.Budget.Characters(_json.Length + text.Length, text.Length);
        _json.Append(text);
    }

    private IReadOnlyCollection<KeyValuePair<Value, Value>> Entries(DictValue dict) =>
        _sortKeys ? [.. dict.Items.OrderBy(entry => entry.Key, Comparer<Value>.Create((a, b) => Operators.Order(a, b)))] : dict.Items;

    private static string Key(Value key) => key switch
    {
        TextValue text => text.Text,
        ListValue or DictValue => throw new TemplateException($"a {key.Kind} cannot be a key in JSON."),
        _ => Scalar(key),
    };

    private static string Scalar(Value value) => value switch
    {
        // Python refuses an undefined value here; null is what a tool without parameters means.
        NoneValue or UndefinedValue => "null",
        BoolValue => value.IsTrue ? "true" : "false",
        IntegerValue integer => integer.Number.ToString(CultureInfo.InvariantCulture),
        FloatValue { Number: double.NaN } => "NaN",
        FloatValue f when double.IsInfinity(f.Number) => f.Number > 0 ? "Infinity" : "-Infinity",
        FloatValue f => PythonText.OfDouble(f.Number),
        _ => throw new TemplateException($"{value.Kind} cannot be written as JSON."),
    };

    private static string? Indent(Value? indent) => indent switch
    {
        null or NoneValue => null,
        TextValue text => text.Text,
        _ when Numbers.IsWhole(indent) => new string(' ', (int)Int128.Clamp(Numbers.ToWhole(indent), 0, 100)),
        _ => throw new TemplateException($"the argument 'indent' must be a whole number or a string, not {indent.Kind}."),
    };

    private static (string Item, string Key) Separators(Value? separators, bool isIndented) => separators switch
    {
        null or NoneValue => (isIndented ? "," : ", ", ": "),
        ListValue { Items: [TextValue item, TextValue key] } => (item.Text, key.Text),
        _ => throw new TemplateException("the argument 'separators' must be two strings."),
    };
}
