using System.Text;

namespace FineTuneChat.Datasets.Tables;

/// <summary>Comma-separated values (RFC 4180), with the delimiter that the first line has most of: comma, semicolon or tab.</summary>
internal static class CsvText
{
    private const string Delimiters = ",;\t";

    /// <exception cref="InvalidDataException">A quote is opened and never closed.</exception>
    public static IEnumerable<string[]> Rows(string text)
    {
        string first = text.Split('\n', 2)[0];
        char delimiter = Delimiters.MaxBy(d => first.Count(c => c == d));
        var cell = new StringBuilder();
        var row = new List<string>();
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"' && isQuoted && i + 1 < text.Length && text[i + 1] == '"')
                cell.Append(text[i++]); // two quotes inside of quotes are one
            else if (c == '"' && (isQuoted || cell.Length == 0))
                isQuoted = !isQuoted;
            else if (isQuoted || (c != delimiter && c is not ('\r' or '\n')))
                cell.Append(c);
            else if (c == delimiter)
                Next();
            else if (c == '\n')
            {
                Next();
                yield return [.. row];
                row.Clear();
            }
        }
        if (isQuoted)
            throw new InvalidDataException("a quote is opened and never closed.");
        if (cell.Length > 0 || row.Count > 0)
        {
            Next();
            yield return [.. row];
        }

        void Next()
        {
            row.Add(cell.ToString());
            cell.Clear();
        }
    }
}
