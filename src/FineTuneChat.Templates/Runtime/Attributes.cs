using FineTuneChat.Templates.Builtins;

namespace FineTuneChat.Templates.Runtime;

/// <summary><c>value.name</c> and <c>value[key]</c>. A dict's methods go before its keys with the dot, its keys before its methods with brackets.</summary>
internal static class Attributes
{
    public static Value Get(Value value, string name, RenderContext context) => Method(value, name, context) ?? value switch
    {
        UndefinedValue undefined => throw undefined.Error,
        DictValue dict => dict.Find(name) ?? Missing(value, name),
        NamespaceValue scope => scope.Items.GetValueOrDefault(name) ?? Missing(value, name),
        LoopValue loop => loop.Find(name) ?? Missing(value, name),
        FunctionValue function when name == "name" => new TextValue(function.Name, Origin.Template),
        _ => Missing(value, name),
    };

    public static Value Item(Value value, Value key, RenderContext context)
    {
        Value? item = (value, key) switch
        {
            (UndefinedValue undefined, _) => throw undefined.Error,
            (DictValue dict, not DictValue) => dict.Items.GetValueOrDefault(key),
            (ListValue list, _) when Numbers.IsWhole(key) => At(list.Items, Numbers.ToWhole(key)),
            (TextValue text, _) when Numbers.IsWhole(key) => At(text, Numbers.ToWhole(key), context.Budget),
            _ => null,
        };
        if (item is not null)
            return item;
        return key is TextValue name ? Get(value, name.Text, context) : Missing(value, PythonText.Of(key, context).Text);
    }

    private static FunctionValue? Method(Value value, string name, RenderContext context) => value switch
    {
        TextValue text => TextMethods.Find(text, name, context),
        DictValue dict => DictMethods.Find(dict, name, context),
        ListValue list => ListMethods.Find(list, name, context),
        _ => null,
    };

    private static Value? At(IReadOnlyList<Value> items, Int128 index)
    {
        if (index < 0)
            index += items.Count;
        return index >= 0 && index < items.Count ? items[(int)index] : null;
    }

    private static TextValue? At(TextValue text, Int128 index, Budget budget)
    {
        int[] starts = CodePoints.Starts(text.Text);
        if (index < 0)
            index += starts.Length - 1;
        if (index < 0 || index >= starts.Length - 1)
            return null;
        int start = starts[(int)index];
        return text.Slice(start, starts[(int)index + 1] - start, budget);
    }

    private static UndefinedValue Missing(Value value, string name) => new($"this {value.Kind} has no '{name}'.");
}
