using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Search;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>
/// Finds the passages of collections that answer a question: by words and by meaning, both rankings joined, put in order by a reranker where there is one,
/// neighbours made one.
/// </summary>
internal sealed class DocumentSearch(Database database, VectorIndex vectors, ITextEmbedder embedder, Reranker? reranker = null)
{
    private const int Candidates = 50; // of each ranking
    private const long Often = 1_000; // passages with a word: to look at more of them one by one would take too long
    private const double TooCommon = 0.25; // share of passages; such a word is not searched for where the question has rarer ones

    /// <summary>The best passages first; none that is less relevant than is asked for.</summary>
    /// <param name="stores">The collections.</param>
    /// <param name="question">In plain words.</param>
    /// <param name="most">Passages.</param>
    /// <param name="filter">By attributes of the documents; null: all.</param>
    /// <param name="threshold">From 0 to 1.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<FoundPassage>> FindAsync(
        IReadOnlyList<string> stores, string question, int most, AttributeFilter? filter, double threshold, CancellationToken cancellation)
    {
        Entry[] entries = database.Read(c => c.Query<Entry>(
            "SELECT id, store_id, file_id, attributes FROM vector_store_files WHERE store_id IN (SELECT value FROM json_each(@ids))",
            new { ids = StoredJson.Array(stores) }).ToArray());
        Dictionary<long, Entry> asked = entries.Where(e => filter is null || filter.Matches(e.ReadAttributes())).ToDictionary(e => e.Id);
        if (asked.Count == 0)
            return [];

        // 1. Two rankings: by words, by meaning.
        string ids = JsonSerializer.Serialize([.. asked.Keys], DocumentsJson.Wire.Int64Array);
        (string Stem, double Weight)[] terms = Weigh(QueryTerms.Of(question), ids, out string? words);
        IReadOnlyList<long> byWords = words is null ? [] : ByWords(words, ids);
        float[]? vector = (await embedder.EmbedAsync([question], cancellation))?[0]; // null: there is no embedder now, and words must do
        IReadOnlyList<long> byMeaning = vector is null ? [] : ByMeaning(vector, entries, asked);

        // 2. Joined, each with its relevance.
        IReadOnlyList<long> fused = RankFusion.Fuse(byWords, byMeaning);
        Dictionary<long, ChunkRow> rows = Rows(fused);
        List<Scored> found = [];
        foreach (long id in fused.Where(rows.ContainsKey))
        {
            ChunkRow row = rows[id];
            double relevance = Relevance.Of(
                Relevance.Coverage(terms, PlainWords.Of($"{row.Name} {row.Heading} {row.Text}").ToHashSet()), row.CosineTo(vector));
            if (relevance >= threshold)
                found.Add(new(row, asked[row.Entry], relevance));
        }

        // 3. The best first, neighbours as one.
        return PassageJoining.Join(reranker is null ? found : await reranker.OrderAsync(question, found, cancellation), most);
    }

    /// <summary>
    /// Each word's weight by how rare it is in these documents, and the expression for those that tell passages apart; null: no word is there.
    /// </summary>
    private (string Stem, double Weight)[] Weigh(IReadOnlyList<string> stems, string entries, out string? expression)
    {
        (long passages, (string Stem, long Having)[] counted) = database.Read(c =>
        {
            long asked = c.ExecuteScalar<long>(
                "SELECT COUNT(*) FROM document_chunks WHERE entry IN (SELECT CAST(value AS BIGINT) FROM json_each(@entries))", new { entries });
            double share = (double)asked / Math.Max(1, c.ExecuteScalar<long>("SELECT COUNT(*) FROM document_chunks"));
            return (asked, stems.Select(stem => (stem, CountHaving(c, Expression([stem]), entries, share))).ToArray());
        });
        string[] there = [.. counted.Where(t => t.Having > 0).Select(t => t.Stem)];
        string[] rare = [.. counted.Where(t => t.Having > 0 && t.Having <= Math.Max(Candidates, passages * TooCommon)).Select(t => t.Stem)];
        string[] searched = rare.Length > 0 ? rare : there;
        expression = searched.Length == 0 ? null : Expression(searched);
        return [.. counted.Select(t => (t.Stem, Relevance.Weight(t.Stem, passages, t.Having)))];
    }

    /// <summary>In how many of the passages that are asked a word is; of one that is often, about how many, by their share of all.</summary>
    private long CountHaving(DbConnection connection, string words, string entries, double share)
    {
        long everywhere = connection.ExecuteScalar<long>(
            $"SELECT COUNT(*) FROM {database.Words.PassageIndex} WHERE {database.Words.PassageMatches}", new { words });
        return share == 1 || everywhere is 0 or > Often ? (long)Math.Ceiling(everywhere * share) : connection.ExecuteScalar<long>(
            $"""
            SELECT COUNT(*) FROM {database.Words.Passages}
            WHERE {database.Words.PassageMatches} AND c.entry IN (SELECT CAST(value AS BIGINT) FROM json_each(@entries))
            """,
            new { words, entries });
    }

    private string Expression(IEnumerable<string> stems) => database.Words.Expression([.. stems.Select(QueryTerms.Word)], isAny: true);

    private long[] ByWords(string words, string entries) => database.Read(c => c.Query<long>(
        $"""
        SELECT c.id FROM {database.Words.Passages}
        WHERE {database.Words.PassageMatches} AND c.entry IN (SELECT CAST(value AS BIGINT) FROM json_each(@entries))
        ORDER BY {database.Words.PassageRank} LIMIT @most
        """,
        new { words, entries, most = Candidates }).ToArray());

    private long[] ByMeaning(float[] vector, Entry[] entries, Dictionary<long, Entry> asked)
    {
        HashSet<long> searched = [.. asked.Keys];
        return
        [
            .. entries.GroupBy(e => e.StoreId)
                .SelectMany(store => vectors.Nearest(store.Key, embedder.Model, store.Select(e => e.Id).ToHashSet(), searched, vector, Candidates))
                .OrderByDescending(n => n.Cosine).Take(Candidates).Select(n => n.Id),
        ];
    }

    private Dictionary<long, ChunkRow> Rows(IReadOnlyList<long> ids) => database.Read(c => c.Query<ChunkRow>(
        """
        SELECT id, entry, number, name, heading, text, place, first, last, vector FROM document_chunks
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(@ids))
        """,
        new { ids = JsonSerializer.Serialize([.. ids], DocumentsJson.Wire.Int64Array) }).ToDictionary(row => row.Id));
}
