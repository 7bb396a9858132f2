using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using FineTuneChat.Native.Interop;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Native.Loading;

/// <summary>Passes the messages of llama.cpp and ggml on to an <see cref="ILogger"/>, whole lines at a time.</summary>
internal static unsafe partial class NativeLog
{
    // ggml_log_level
    private const int Warn = 3;
    private const int Error = 4;
    private const int Continuation = 5;

    private static readonly StringBuilder Line = new();
    private static int _level;

    public static ILogger? Target { get; set; }

    /// <summary>llama_log_set sets ggml's logger as well; it must come before the backends are loaded.</summary>
    public static void Install() =>
        LlamaNative.llama_log_set(&OnMessage, null);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(int level, byte* text, void* userData)
    {
        lock (Line)
        {
            if (level != Continuation)
                _level = level;
            Line.Append(Marshal.PtrToStringUTF8((nint)text));
            if (Line.Length == 0 || Line[^1] != '\n')
                return;
            string message = Line.ToString().TrimEnd();
            Line.Clear();
            if (Target is { } logger && message.Length > 0)
                Log(logger, _level switch { Error => LogLevel.Error, Warn => LogLevel.Warning, _ => LogLevel.Debug }, message);
        }
    }

    [LoggerMessage(EventId = 1000, Message = "{Message}")]
    private static partial void Log(ILogger logger, LogLevel level, string message);
}
