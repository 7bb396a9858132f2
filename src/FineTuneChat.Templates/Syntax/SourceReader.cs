namespace FineTuneChat.Templates.Syntax;

/// <summary>A template's source with a reading place that knows its line and column.</summary>
internal sealed class SourceReader(string source)
{
    private readonly string _source = Normalise(source);
    private int _line = 1;
    private int _lineStart;

    public int At { get; private set; }

    public int Length => _source.Length;

    public bool AtEnd => At >= _source.Length;

    public char Previous => _source[At - 1];

    public Position Position => new(_line, At - _lineStart + 1);

    public char this[int index] => _source[index];

    /// <summary>The character <paramref name="ahead"/> places on; NUL past the end.</summary>
    public char Peek(int ahead) => At + ahead < _source.Length ? _source[At + ahead] : '\0';

    public bool StartsWith(string text) => string.CompareOrdinal(_source, At, text, 0, text.Length) == 0;

    public int Find(string text) => Find(text, At);

    public int Find(string text, int from) => _source.IndexOf(text, from, StringComparison.Ordinal);

    /// <summary>Where the next tag of any kind opens, or -1.</summary>
    public int FindTag()
    {
        for (int brace = _source.IndexOf('{', At); brace >= 0 && brace + 1 < _source.Length; brace = _source.IndexOf('{', brace + 1))
        {
            if (_source[brace + 1] is '{' or '%' or '#')
                return brace;
        }
        return -1;
    }

    /// <summary>Reads on and returns what was passed.</summary>
    public string Take(int count)
    {
        string text = _source.Substring(At, count);
        for (int i = text.IndexOf('\n'); i >= 0; i = text.IndexOf('\n', i + 1))
        {
            _line++;
            _lineStart = At + i + 1;
        }
        At += count;
        return text;
    }

    public void SkipWhitespace()
    {
        int end = At;
        while (end < _source.Length && char.IsWhiteSpace(_source[end]))
            end++;
        Take(end - At);
    }

    /// <summary>After a tag: <c>-</c> takes all whitespace, else the first newline after a statement or comment goes, unless <c>+</c> keeps it.</summary>
    public void SkipAfterTag(char sign, bool isStatement)
    {
        if (sign == '-')
            SkipWhitespace();
        else if (isStatement && sign != '+' && Peek(0) == '\n')
            Take(1);
    }

    /// <summary>Whether exactly <paramref name="word"/> and the end of a statement stand at <paramref name="from"/> (by default here).</summary>
    public bool MatchWord(string word, out int end, out char sign, int from = -1)
    {
        end = SkipSpaces(from < 0 ? At : from);
        sign = ' ';
        if (string.CompareOrdinal(_source, end, word, 0, word.Length) != 0)
            return false;
        end = SkipSpaces(end + word.Length);
        if (end < _source.Length && _source[end] is '-' or '+')
            sign = _source[end++];
        bool closed = string.CompareOrdinal(_source, end, "%}", 0, 2) == 0;
        end += 2;
        return closed;
    }

    private int SkipSpaces(int at)
    {
        while (at < _source.Length && char.IsWhiteSpace(_source[at]))
            at++;
        return at;
    }

    private static string Normalise(string source)
    {
        source = source.Replace("\r\n", "\n").Replace('\r', '\n');
        return source.EndsWith('\n') ? source[..^1] : source;
    }
}
