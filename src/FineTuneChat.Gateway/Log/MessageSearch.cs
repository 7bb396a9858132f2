using Dapper;
using FineTuneChat.Gateway.Storage;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Gateway.Log;

/// <summary>The full-text index over messages.</summary>
internal static class MessageSearch
{
    private const int PagesPerStep = 64;

    /// <summary>All words of a search, the last one perhaps not typed to its end; null when there is none in it. Nothing that a user types is syntax.</summary>
    public static string? Expression(string? search)
    {
        string text = string.Concat((search ?? "").Select(c => char.IsControl(c) ? ' ' : c)); // SQLite's texts end at a NUL
        string[] words = [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(word => word.Any(char.IsLetterOrDigit))];
        if (words.Length == 0)
            return null;
        string end = words[^1].Length > 1 ? "*" : ""; // a single letter begins too many words
        return string.Join(' ', words.Select(word => $"\"{word.Replace("\"", "\"\"")}\"")) + end;
    }

    /// <summary>
    /// Takes deleted words out of the index's file, too: it keeps them until its parts are merged. Step by step, so that other writes come in between.
    /// </summary>
    public static async Task EraseDeletedAsync(Database database)
    {
        for (long changes = await database.WriteAsync(c => Merge(c, -PagesPerStep)); changes > 1;) // fewer: nothing was left to merge
            changes = await database.WriteAsync(c => Merge(c, PagesPerStep));
    }

    private static long Merge(SqliteConnection connection, int pages)
    {
        long before = connection.ExecuteScalar<long>("SELECT total_changes()");
        connection.Execute("INSERT INTO message_search (message_search, rank) VALUES ('merge', @pages)", new { pages });
        return connection.ExecuteScalar<long>("SELECT total_changes()") - before;
    }
}
