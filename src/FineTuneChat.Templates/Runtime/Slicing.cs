namespace FineTuneChat.Templates.Runtime;

/// <summary><c>value[start:stop:step]</c> with Python's rules for what is left out, negative or too large.</summary>
internal static class Slicing
{
    public static Value Slice(Value value, Int128? start, Int128? stop, Int128? step, RenderContext context)
    {
        if (step == 0)
            throw new TemplateException("the step of a slice cannot be 0.");
        switch (value)
        {
            case ListValue list:
                return new ListValue([.. Indices(list.Items.Count, start, stop, step ?? 1, context.Budget).Select(i => list.Items[i])], list.IsTuple);
            case TextValue text:
                return Slice(text, start, stop, step ?? 1, context);
            case UndefinedValue undefined:
                throw undefined.Error;
            default:
                throw new TemplateException($"{value.Kind} cannot be sliced; a list, a tuple or a string can.");
        }
    }

    private static TextValue Slice(TextValue text, Int128? start, Int128? stop, Int128 step, RenderContext context)
    {
        int[] starts = CodePoints.Starts(text.Text);
        List<int> indices = Indices(starts.Length - 1, start, stop, step, context.Budget);
        if (indices.Count == 0)
            return TextValue.Empty;
        if (step == 1)
            return text.Slice(starts[indices[0]], starts[indices[^1] + 1] - starts[indices[0]], context.Budget);
        List<Value> characters = CodePoints.Split(text, context.Budget);
        TextBuilder slice = context.NewText();
        foreach (int i in indices)
            slice.Append((TextValue)characters[i]);
        return slice.ToValue();
    }

    private static List<int> Indices(int count, Int128? start, Int128? stop, Int128 step, Budget budget)
    {
        Int128 lowest = step > 0 ? 0 : -1;
        Int128 highest = step > 0 ? count : count - 1;
        Int128 from = Bound(start ?? (step > 0 ? lowest : highest), start is not null);
        Int128 to = Bound(stop ?? (step > 0 ? highest : lowest), stop is not null);
        var indices = new List<int>();
        for (Int128 i = from; step > 0 ? i < to : i > to; i += step)
            indices.Add((int)i);
        budget.Step(indices.Count);
        return indices;

        Int128 Bound(Int128 index, bool isGiven) =>
            isGiven ? Int128.Clamp(index < 0 ? index + count : index, lowest, highest) : index;
    }
}
