using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>Makes one passage of found ones that stand side by side in a document; it takes the place of the best of them.</summary>
internal static class PassageJoining
{
    private const int MostJoined = 3; // passages

    /// <param name="found">The best first.</param>
    /// <param name="most">Passages that are given.</param>
    public static IReadOnlyList<FoundPassage> Join(IReadOnlyList<Scored> found, int most)
    {
        var groups = new List<List<Scored>>();
        foreach (Scored scored in found)
        {
            List<Scored>? beside = groups.Find(group => group.Count < MostJoined && group.Any(other => AreNeighbours(other.Row, scored.Row)));
            if (beside is not null)
                beside.Add(scored);
            else if (groups.Count < most)
                groups.Add([scored]);
        }
        return [.. groups.Select(Joined)];
    }

    private static bool AreNeighbours(ChunkRow one, ChunkRow other) => one.Entry == other.Entry && Math.Abs(one.Number - other.Number) == 1;

    private static FoundPassage Joined(List<Scored> group)
    {
        Scored best = group[0];
        ChunkRow[] rows = [.. group.Select(s => s.Row).OrderBy(row => row.Number)];
        return new(
            new DocumentSource
            {
                Id = best.Row.Id,
                VectorStoreId = best.Entry.StoreId,
                FileId = best.Entry.FileId,
                Filename = best.Row.Name,
                Heading = rows[0].Heading,
                Place = rows[0].Place,
                First = rows[0].First,
                Last = rows[^1].Last,
                Score = Math.Round(group.Max(s => s.Relevance), 3),
            },
            string.Join("\n\n", rows.Select(row => row.Text)),
            best.Entry.ReadAttributes());
    }
}
