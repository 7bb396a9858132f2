using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Protocol.Lists;

/// <summary>Query parameters <c>limit</c> (1 to 100, default 20) and <c>after</c> (the last id of the page before) of a list.</summary>
internal readonly record struct ListQuery(int Limit, string? After)
{
    private const int DefaultLimit = 20, MaxLimit = 100;

    /// <exception cref="OpenAiException">400 for a limit that is none.</exception>
    public static ListQuery Of(string? limit, string? after)
    {
        int number = DefaultLimit;
        if (limit is not null && (!int.TryParse(limit, out number) || number is < 1 or > MaxLimit))
            throw OpenAiException.InvalidRequest($"'limit' is '{limit}'; it must be from 1 to {MaxLimit}.", "limit");
        return new(number, string.IsNullOrEmpty(after) ? null : after);
    }
}
