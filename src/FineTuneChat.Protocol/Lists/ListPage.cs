namespace FineTuneChat.Protocol.Lists;

/// <summary>A page of a list in OpenAI's shape, newest first.</summary>
internal sealed record ListPage<T>
{
    public string Object { get; init; } = "list";
    public required IReadOnlyList<T> Data { get; init; }
    public required string? FirstId { get; init; }
    public required string? LastId { get; init; }
    public required bool HasMore { get; init; }

    /// <summary>From up to <paramref name="limit"/> + 1 rows: the one too many tells that there is more.</summary>
    public static ListPage<T> Of(IReadOnlyList<T> rows, int limit, Func<T, string> id)
    {
        T[] data = [.. rows.Take(limit)];
        return new()
        {
            Data = data,
            FirstId = data.Length > 0 ? id(data[0]) : null,
            LastId = data.Length > 0 ? id(data[^1]) : null,
            HasMore = rows.Count > limit,
        };
    }

    /// <summary>From all there is, in the list's order.</summary>
    public static ListPage<T> Of(IEnumerable<T> all, ListQuery page, Func<T, string> id)
    {
        if (page.After is not null)
            all = all.SkipWhile(item => id(item) != page.After).Skip(1);
        return Of([.. all.Take(page.Limit + 1)], page.Limit, id);
    }
}
