using System.Text;

namespace FineTuneChat.Datasets.Tables;

/// <summary>
/// Comma-separated values (RFC 4180), with the delimiter that the first line has most of: comma, semicolon or tab. Read as a stream: no more than a row
/// is held.
/// </summary>
internal sealed class CsvText(TextReader text, DatasetLimits limits)
{
    private const string Delimiters = ",;\t";

    private readonly char[] _buffer = new char[16 << 10]; // the first one decides on the delimiter
    private int _position, _length;

    /// <exception cref="InvalidDataException">A row is larger than is allowed, or a quote is opened and never closed.</exception>
    public IEnumerable<string[]> Rows()
    {
        char delimiter = Delimiter();
        var row = new List<string>();
        var cell = new StringBuilder();
        int number = 1, characters = 0;
        bool isQuoted = false;
        for (int c = Next(), next; c >= 0; c = next)
        {
            next = Next();
            if (++characters > limits.RowBytes)
                throw TooLarge($"is longer than {limits.RowBytes:N0} characters");
            if (c == '"' && isQuoted && next == '"')
                (_, next) = (cell.Append('"'), Next()); // two quotes inside of quotes are one
            else if (c == '"' && (isQuoted || cell.Length == 0))
                isQuoted = !isQuoted;
            else if (isQuoted || (c != delimiter && c is not ('\r' or '\n')))
                cell.Append((char)c);
            else if (c == delimiter)
                Finish();
            else if (c == '\n')
            {
                Finish();
                yield return [.. row];
                row.Clear();
                (number, characters) = (number + 1, 0);
            }
            if (cell.Length > limits.CellCharacters)
                throw TooLarge($"has a cell of more than {limits.CellCharacters:N0} characters");
        }
        if (isQuoted)
            throw new InvalidDataException($"in row {number} a quote is opened and never closed.");
        if (cell.Length > 0 || row.Count > 0)
        {
            Finish();
            yield return [.. row];
        }

        void Finish()
        {
            if (row.Count == limits.Columns)
                throw TooLarge($"has more than {limits.Columns:N0} columns");
            row.Add(cell.ToString());
            cell.Clear();
        }

        InvalidDataException TooLarge(string what) => new($"row {number} {what}, which is all that is allowed; "
            + (isQuoted ? "a quote that it opens may never be closed." : "shorten it, or see whether its lines end as they should."));
    }

    private char Delimiter()
    {
        _length = text.ReadBlock(_buffer);
        ReadOnlySpan<char> first = _buffer.AsSpan(0, _length);
        if (first.IndexOf('\n') is >= 0 and var end)
            first = first[..end];
        (char Mark, int Count) most = (Delimiters[0], 0);
        foreach (char mark in Delimiters)
            if (first.Count(mark) is var count && count > most.Count)
                most = (mark, count);
        return most.Mark;
    }

    /// <summary>The next character, -1 at the end.</summary>
    private int Next()
    {
        if (_position == _length)
            (_position, _length) = (0, text.Read(_buffer));
        return _length == 0 ? -1 : _buffer[_position++];
    }
}
