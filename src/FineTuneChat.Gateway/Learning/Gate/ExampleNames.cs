using System.Data;
using System.Text.RegularExpressions;
using Dapper;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>
/// Puts the first words of examples beside their ids in a verdict's reasons, when it is read: kept with the verdict they would survive the example's erasure.
/// </summary>
internal static partial class ExampleNames
{
    private const int Words = 8, Characters = 60;

    public static GateVerdict Fill(IDbConnection connection, GateVerdict verdict)
    {
        string[] ids = [.. verdict.Reasons.SelectMany(reason => Id().Matches(reason).Select(m => m.Value)).Distinct()];
        if (ids.Length == 0)
            return verdict;
        var questions = connection.Query<(string Id, string? Question)>(
            """
            SELECT id, (SELECT value ->> 'content' FROM json_each(messages) WHERE value ->> 'role' = 'user' ORDER BY CAST(key AS BIGINT) DESC LIMIT 1)
            FROM examples WHERE id IN (SELECT value FROM json_each(@ids))
            """,
            new { ids = StoredJson.Array(ids) }).ToDictionary(row => row.Id, row => row.Question);
        return verdict with { Reasons = [.. verdict.Reasons.Select(reason => Id().Replace(reason, id => Named(id.Value, questions)))] };
    }

    private static string Named(string id, Dictionary<string, string?> questions) =>
        !questions.TryGetValue(id, out string? question) ? $"{id} (deleted)"
        : string.IsNullOrWhiteSpace(question) ? id
        : $"{id} (“{Begin(question)}”)";

    private static string Begin(string question)
    {
        string[] words = question.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string text = string.Join(' ', words.Take(Words));
        return text.Length > Characters ? text[..Characters] + "…" : words.Length > Words ? text + " …" : text;
    }

    [GeneratedRegex("ex_[0-9a-z]+")]
    private static partial Regex Id();
}
