using Microsoft.Extensions.Logging.Abstractions;

namespace FineTuneChat.Gateway.Monitoring;

/// <summary>A line of the log. <c>time</c> in Unix milliseconds.</summary>
internal sealed record LogLine(long Id, long Time, string Level, string Source, string Message);

/// <summary>
/// The program's last log lines, in memory, for the page to show while things happen: finer than the console's, and like those without the text of users.
/// </summary>
internal sealed class LiveLog(TimeProvider time) : ILoggerProvider
{
    private const int Capacity = 500; // lines
    private const int MaxLength = 1000; // characters of a line
    private const string Own = nameof(FineTuneChat); // other sources log what is asked for: searches, addresses

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new(Capacity);
    private long _last;

    /// <summary>The lines behind that with the number <paramref name="id"/>, as far as they are still there, oldest first.</summary>
    public IReadOnlyList<LogLine> After(long id)
    {
        lock (_gate)
            return [.. _lines.Where(line => line.Id > id)];
    }

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith(Own, StringComparison.Ordinal) ? new Source(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]) : NullLogger.Instance;

    public void Dispose()
    {
    }

    private void Add(LogLevel level, string source, string message)
    {
        if (message.Length > MaxLength)
            message = message[..MaxLength] + "…";
        lock (_gate)
        {
            if (_lines.Count == Capacity)
                _lines.Dequeue();
            _lines.Enqueue(new LogLine(++_last, time.GetUtcNow().ToUnixTimeMilliseconds(), level.ToString().ToLowerInvariant(), source, message));
        }
    }

    private sealed class Source(LiveLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            // An exception's message may quote what a user wrote.
            log.Add(logLevel, name, exception is null ? formatter(state, null) : $"{formatter(state, null)} ({exception.GetType().Name})");
    }
}
