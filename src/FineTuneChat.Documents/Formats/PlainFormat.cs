using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>Text and code: what empty lines part. The lines of a block stay lines, with their indentation.</summary>
internal static class PlainFormat
{
    private const int MostLines = 60; // of a block: a log may have no empty line at all

    public static string Read(string text, PassageWriter passages)
    {
        var block = new List<string>();
        int line = 0, first = 1;
        foreach (ReadOnlySpan<char> read in text.AsSpan().EnumerateLines())
        {
            line++;
            if (read.IsWhiteSpace() || block.Count == MostLines)
                Flush();
            if (read.IsWhiteSpace())
                continue;
            if (block.Count == 0)
                first = line;
            block.Add(read.TrimEnd().ToString());
        }
        Flush();
        return "text";

        void Flush()
        {
            if (block.Count > 0)
                passages.Add(string.Join('\n', block), new(PlaceKind.Line, first));
            block.Clear();
        }
    }
}
