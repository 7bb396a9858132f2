using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Tests.Support;

/// <summary>Keeps every log line of every source that is a warning or worse.</summary>
internal sealed class LogRecorder : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Source(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Source(LogRecorder recorder, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                recorder.Lines.Enqueue($"{name}: {formatter(state, exception)} {exception?.GetType().Name}");
        }
    }
}
