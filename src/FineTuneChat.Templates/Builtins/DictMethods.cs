using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>A dict's methods; those that would change it are refused, as in Jinja's sandbox.</summary>
internal static class DictMethods
{
    public static FunctionValue? Find(DictValue dict, string name, RenderContext context)
    {
        Func<CallArguments, Value>? method = name switch
        {
            "get" => arguments => Get(dict, arguments.Only("key", "default")),
            "items" => _ => Items(dict, context.Budget),
            "keys" => _ => new ListValue(Iteration.Items(dict, context.Budget)),
            "values" => _ => Values(dict, context.Budget),
            "copy" => _ => dict,
            "clear" or "pop" or "popitem" or "setdefault" or "update" => _ => throw Refused(name),
            _ => null,
        };
        return method is null ? null : new FunctionValue(name, method);
    }

    private static Value Get(DictValue dict, CallArguments arguments) =>
        dict.Items.GetValueOrDefault(arguments.Require(0, "key")) ?? arguments.Find(1, "default") ?? NoneValue.Instance;

    public static ListValue Items(DictValue dict, Budget budget)
    {
        budget.Step(dict.Items.Count);
        return new ListValue([.. dict.Items.Select(item => new ListValue([item.Key, item.Value], isTuple: true))]);
    }

    private static ListValue Values(DictValue dict, Budget budget)
    {
        budget.Step(dict.Items.Count);
        return new ListValue([.. dict.Items.Values]);
    }

    private static TemplateException Refused(string name) => new($"'{name}' would change a dict; a template can change nothing but a namespace().");
}
