using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.ModelProbe;

/// <summary>Picks the sizes of buffers from llama.cpp's messages: <c>CPU KV buffer size = 3.00 MiB</c>.</summary>
internal sealed partial class BufferSizeLog : ILogger
{
    public Dictionary<string, long> Buffers { get; } = [];

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Match match = BufferSize().Match(formatter(state, exception));
        if (match.Success)
            Buffers[match.Groups[1].Value] = Buffers.GetValueOrDefault(match.Groups[1].Value)
                + (long)(double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) * (1 << 20));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    [GeneratedRegex(@"(model|KV|output|compute) +buffer size = +([\d.]+) MiB")]
    private static partial Regex BufferSize();
}
