using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>A list's methods; those that would change it are refused, as in Jinja's sandbox.</summary>
internal static class ListMethods
{
    public static FunctionValue? Find(ListValue list, string name, RenderContext context)
    {
        Func<CallArguments, Value>? method = name switch
        {
            "index" => arguments => Index(list, arguments.Only("value").Require(0, "value"), context),
            "count" => arguments => Count(list, arguments.Only("value").Require(0, "value"), context),
            "copy" when !list.IsTuple => _ => list,
            "append" or "clear" or "extend" or "insert" or "pop" or "remove" or "reverse" or "sort" when !list.IsTuple => _ => throw Refused(name),
            _ => null,
        };
        return method is null ? null : new FunctionValue(name, method);
    }

    private static IntegerValue Index(ListValue list, Value value, RenderContext context)
    {
        for (int i = 0; i < list.Items.Count; i++)
        {
            if (Operators.Compare("==", list.Items[i], value, context))
                return new IntegerValue(i, Origin.Template);
        }
        throw new TemplateException("the value is not in the list.");
    }

    private static IntegerValue Count(ListValue list, Value value, RenderContext context) =>
        new(list.Items.Count(item => Operators.Compare("==", item, value, context)), Origin.Template);

    private static TemplateException Refused(string name) =>
        new($"'{name}' would change a list; a template can change nothing but a namespace(). Use + to make a longer list.");
}
