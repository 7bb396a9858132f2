namespace FineTuneChat.Templates.Runtime;

/// <summary>What a value yields when it is looped over.</summary>
internal static class Iteration
{
    public static IReadOnlyList<Value> Items(Value value, Budget budget) =>
        TryItems(value, budget) ?? throw new TemplateException($"{value.Kind} cannot be looped over; a list, a tuple, a dict or a string can.");

    public static IReadOnlyList<Value>? TryItems(Value value, Budget budget)
    {
        IReadOnlyList<Value>? items = value switch
        {
            ListValue list => list.Items,
            DictValue dict => [.. dict.Items.Keys],
            TextValue text => CodePoints.Split(text, budget),
            UndefinedValue => [],
            _ => null,
        };
        if (items is not null)
            budget.Step(items.Count);
        return items;
    }
}
