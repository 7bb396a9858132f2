namespace FineTuneChat.Gateway.Processes;

/// <summary>The end of what a process wrote, to say why it failed. Of an unhandled exception the head: its stack trace says less.</summary>
internal sealed class LastLines(int capacity)
{
    private readonly Queue<string> _lines = new();
    private bool _isClosed;

    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_lines)
        {
            if (_isClosed)
                return;
            _isClosed = line.StartsWith("Unhandled exception", StringComparison.Ordinal);
            if (_lines.Count == capacity)
                _lines.Dequeue();
            _lines.Enqueue(line.Trim());
        }
    }

    public override string ToString()
    {
        lock (_lines)
            return string.Join(" | ", _lines);
    }
}
