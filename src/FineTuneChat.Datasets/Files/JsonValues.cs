namespace FineTuneChat.Datasets.Files;

/// <summary>
/// Cuts a stream into the JSON values that it holds, one after the other or as the items of a list, over as many lines as they like. It looks at brackets and
/// quotes only: whether a value is sound JSON is for its parser to say.
/// </summary>
internal sealed class JsonValues(bool isList, int limit)
{
    private const int BufferBytes = 64 << 10;

    private readonly MemoryStream _value = new();
    private int _depth, _line = 1, _first, _item;
    private bool _isIn, _inText, _isEscaped, _isTooLong, _isOpen, _isClosed, _goesOn;

    /// <summary>Whether something stands behind the list that is no closing bracket.</summary>
    public bool GoesOn => _goesOn;

    /// <summary>The values with the line on which each begins, or of a list its place; of one that is longer than the limit only the error.</summary>
    /// <param name="stream">Sound UTF-8, at the first value or at the list's bracket.</param>
    /// <param name="isOpen">Whether the list's bracket has been read.</param>
    public IEnumerable<RawRow> Read(Stream stream, bool isOpen = false)
    {
        _isOpen = isOpen || !isList;
        var buffer = new byte[BufferBytes];
        while (stream.Read(buffer) is > 0 and var count)
        {
            int start = 0; // of what belongs to the value that is being read
            for (int i = 0; i < count; i++)
            {
                bool wasIn = _isIn;
                bool isFinished = Step(buffer[i], out bool takes);
                if (!wasIn && _isIn)
                    start = i;
                if (!isFinished)
                    continue;
                Append(buffer.AsSpan(start, (takes ? i + 1 : i) - start));
                yield return Finished();
            }
            if (_isIn)
                Append(buffer.AsSpan(start, count - start));
        }
        if (_isIn && (_depth > 0 || _inText))
            yield return new RawRow(
                Number(), default, $"the file ends inside of this value, which begins on line {_first}: a bracket or a quote is never closed");
        else if (_isIn)
            yield return Finished();
    }

    /// <summary>Whether a value ends here; <paramref name="takes"/>: with this byte, not before it.</summary>
    private bool Step(byte b, out bool takes)
    {
        takes = true;
        if (b == '\n')
            _line++;
        if (!_isIn)
        {
            if (b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',')
                return false;
            if (_isClosed)
            {
                _goesOn |= b is not ((byte)'}' or (byte)']');
                return false;
            }
            if (!_isOpen && b == '[')
            {
                _isOpen = true;
                return false;
            }
            if (isList && b == ']')
            {
                _isClosed = true;
                return false;
            }
            (_isIn, _first, _item) = (true, _line, _item + 1);
        }
        if (_inText)
        {
            if (_isEscaped)
                _isEscaped = false;
            else if (b == '\\')
                _isEscaped = true;
            else if (b == '"')
                _inText = false;
            return !_inText && _depth == 0;
        }
        switch (b)
        {
            case (byte)'"':
                _inText = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)'}' or (byte)']' when _depth > 0:
                return --_depth == 0;
            case (byte)']' when isList:
                _isClosed = true;
                takes = false;
                return true;
            case (byte)',' or (byte)'\n' or (byte)' ' when _depth == 0:
                takes = false;
                return true;
            default:
                return false;
        }
    }

    private int Number() => isList ? _item : _first;

    private void Append(ReadOnlySpan<byte> piece)
    {
        _isTooLong |= _value.Length + piece.Length > limit;
        if (!_isTooLong)
            _value.Write(piece);
    }

    private RawRow Finished()
    {
        RawRow row = _isTooLong
            ? new RawRow(Number(), default, $"longer than {limit} bytes")
            : new RawRow(Number(), _value.GetBuffer().AsMemory(0, (int)_value.Length));
        _value.SetLength(0);
        (_isIn, _inText, _isTooLong, _depth) = (false, false, false, 0);
        return row;
    }
}
