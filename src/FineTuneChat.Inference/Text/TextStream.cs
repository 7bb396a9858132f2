using System.Text;

namespace FineTuneChat.Inference.Text;

/// <summary>
/// Turns the bytes of tokens into text that may be shown at once: whole characters only, and nothing that could be the
/// beginning of a stop text. How the bytes are cut into pieces makes no difference to the text.
/// </summary>
internal sealed class TextStream(IReadOnlyList<string> stops)
{
    private readonly Decoder _utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetDecoder();
    private char[] _held = new char[64]; // decoded, not yet given out
    private int _count;

    /// <summary>Characters decoded so far.</summary>
    public long Decoded { get; private set; }

    /// <summary>Characters given out so far.</summary>
    public long Shown { get; private set; }

    /// <summary>Takes the bytes of a token.</summary>
    /// <param name="piece">UTF-8, possibly a part of a character; what is no UTF-8 becomes U+FFFD.</param>
    /// <param name="text">What may be shown now; may be empty.</param>
    /// <returns>True when a stop text is complete: the text before it is all there is.</returns>
    public bool Append(ReadOnlySpan<byte> piece, out string text)
    {
        Reserve(piece.Length + 2);
        int decoded = _utf8.GetChars(piece, _held.AsSpan(_count), flush: false);
        _count += decoded;
        Decoded += decoded;
        if (StopIndex() is { } stop)
        {
            text = Take(stop);
            _count = 0;
            return true;
        }

        text = Take(_count - PossibleStopLength());
        return false;
    }

    /// <summary>What was held back, when nothing more comes. Bytes of an unfinished character are dropped.</summary>
    public string Finish() => Take(_count);

    /// <summary>Where the stop text begins that is complete first, reading from the left; of those, the longest.</summary>
    private int? StopIndex()
    {
        (int End, int Start)? first = null;
        foreach (string stop in stops)
        {
            int start = _held.AsSpan(0, _count).IndexOf(stop, StringComparison.Ordinal);
            if (start >= 0 && (first is null || (start + stop.Length, start).CompareTo(first.Value) < 0))
                first = (start + stop.Length, start);
        }

        return first?.Start;
    }

    /// <summary>Length of the longest end of the held text that a stop text begins with.</summary>
    private int PossibleStopLength()
    {
        int longest = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, _count); length > longest; length--)
            {
                if (_held.AsSpan(_count - length, length).SequenceEqual(stop.AsSpan(0, length)))
                    longest = length;
            }
        }

        return longest;
    }

    private string Take(int length)
    {
        if (length == 0)
            return "";
        string text = new(_held, 0, length);
        _held.AsSpan(length, _count - length).CopyTo(_held);
        _count -= length;
        Shown += length;
        return text;
    }

    private void Reserve(int more)
    {
        if (_count + more > _held.Length)
            Array.Resize(ref _held, Math.Max(_count + more, _held.Length * 2));
    }
}
