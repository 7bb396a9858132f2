namespace FineTuneChat.Inference.Caching;

/// <summary>
/// The cells of the cache that hold the tokens [Start, End) of one or more sequences. What they share lies in a common ancestor:
/// so cells are counted once, however many sequences use them.
/// </summary>
internal sealed class CellRange
{
    private CellRange? _before; // the tokens [0, Start)
    private int _start;
    private int _counted;

    private CellRange(CellRange? before, int start)
    {
        _before = before;
        _start = End = start;
    }

    /// <summary>Only the last range of a sequence grows.</summary>
    public int End { get; set; }

    /// <summary>The cells of a sequence that begins with the first tokens of another.</summary>
    /// <param name="source">The other's last range; null with a length of 0.</param>
    /// <param name="length">Number of tokens to share.</param>
    public static CellRange Sharing(CellRange? source, int length)
    {
        CellRange? range = source;
        while (range is not null && range._start >= length)
            range = range._before;
        if (range is not null && (range.End > length || range == source))
            range = range.Split(length);
        return new CellRange(range, length);
    }

    /// <summary>Cells of this range and those before it that have not been counted with the same mark.</summary>
    public int Count(int mark)
    {
        int cells = 0;
        for (CellRange? range = this; range is not null && range._counted != mark; range = range._before)
        {
            range._counted = mark;
            cells += range.End - range._start;
        }

        return cells;
    }

    /// <summary>Sequences that used this range use both parts afterwards.</summary>
    private CellRange Split(int at)
    {
        var first = new CellRange(_before, _start) { End = at };
        _before = first;
        _start = at;
        return first;
    }
}
