using FineTuneChat.Gateway.Storage.Search;

namespace FineTuneChat.Gateway.Log;

/// <summary>What a user types into the search of conversations, as words.</summary>
internal static class MessageSearch
{
    /// <summary>All words of a search, the last one perhaps not typed to its end.</summary>
    public static IReadOnlyList<SearchWord> Words(string? search)
    {
        string text = string.Concat((search ?? "").Select(c => char.IsControl(c) ? ' ' : c)); // texts of databases end at a NUL
        string[] words = [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(word => word.Any(char.IsLetterOrDigit))];
        return [.. words.Select((word, i) => new SearchWord(word, IsBeginning: i == words.Length - 1 && word.Length > 1))]; // a letter begins too many
    }
}
