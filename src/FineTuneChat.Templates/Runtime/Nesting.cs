namespace FineTuneChat.Templates.Runtime;

/// <summary>
/// How deep containers nest and how much they hold: values, and 64 characters of text as one more, counted as often as they are
/// reached. Both are limited when a container is made, so that comparing, printing and writing as JSON may walk through all of it.
/// </summary>
internal readonly record struct Nesting(int Depth, long Size)
{
    // JSON of a request nests 64 deep at most.
    private const int MaxDepth = 100;

    // [[x, x], [x, x]] made 40 times over would hold a trillion values.
    private const long MaxSize = 10_000_000;

    /// <summary>About how many characters values hold: each value counts as 64.</summary>
    public static long CharactersIn(IEnumerable<Value> values) => 64 * values.Sum(value => value.Nesting.Size);

    public static Nesting Around(params ReadOnlySpan<IEnumerable<Value>> parts)
    {
        int depth = 0;
        long size = 1;
        foreach (IEnumerable<Value> part in parts)
        {
            foreach (Value item in part)
            {
                depth = Math.Max(depth, item.Nesting.Depth);
                size += item.Nesting.Size;
            }
        }
        if (depth >= MaxDepth)
            throw new TemplateException(TemplateError.Limit, $"lists and dicts are nested deeper than the allowed {MaxDepth}.");
        if (size > MaxSize)
            throw new TemplateException(TemplateError.Limit, $"lists and dicts inside each other hold more than the allowed {MaxSize:N0} values.");
        return new Nesting(depth + 1, size);
    }
}
