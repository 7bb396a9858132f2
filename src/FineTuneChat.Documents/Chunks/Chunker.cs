namespace FineTuneChat.Documents.Chunks;

/// <summary>
/// Makes chunks along a document's structure: a heading begins a new one and stays with what it is about, paragraphs stay whole where they fit. No text is
/// lost, and none is there twice: what stands beside a chunk that is found is joined to it then.
/// </summary>
public static class Chunker
{
    /// <summary>Words of a chunk: about what the smallest embedding models read.</summary>
    public const int MostWords = 220;

    private const int LeastWords = 60; // before a heading begins a new chunk

    /// <summary>The chunks of a document, in order.</summary>
    /// <param name="document">Any.</param>
    /// <param name="most">Words of a chunk.</param>
    public static IReadOnlyList<Chunk> Split(Document document, int most = MostWords)
    {
        var chunks = new List<Chunk>();
        var open = new List<Passage>();
        int words = 0, least = Math.Min(LeastWords, most / 2);
        foreach (Passage passage in document.Passages)
            foreach (string piece in TextSplitter.Split(passage.Text, most))
            {
                int size = TextSize.Of(piece);
                if (words + size > most || (passage.IsHeading && words >= least))
                    Close();
                if (words + size > most) // the headings that were kept do not fit before it
                    Close(all: true);
                open.Add(passage with { Text = piece });
                words += size;
            }
        Close(all: true);
        return chunks;

        void Close(bool all = false)
        {
            int kept = all ? 0 : open.Count - 1 - open.FindLastIndex(p => !p.IsHeading); // a heading does not end a chunk
            if (kept < open.Count)
            {
                Passage[] closed = [.. open.SkipLast(kept)];
                chunks.Add(new(string.Join("\n\n", closed.Select(p => p.Text)), closed[0].Heading, closed[0].Place, closed[^1].Place));
                open.RemoveRange(0, closed.Length);
            }
            words = open.Sum(p => TextSize.Of(p.Text));
        }
    }
}
