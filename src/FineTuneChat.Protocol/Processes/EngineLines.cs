using System.Globalization;

namespace FineTuneChat.Protocol.Processes;

/// <summary>Lines that an engine writes for the gateway that has started it.</summary>
internal static class EngineLines
{
    private const string LoadingPrefix = "loading ";

    /// <summary>So much of the weights is there.</summary>
    public static string Loading(int percent) => string.Create(CultureInfo.InvariantCulture, $"{LoadingPrefix}{percent}");

    /// <summary>From 0 to 1; null for any other line.</summary>
    public static double? LoadingOf(string line) =>
        line.StartsWith(LoadingPrefix, StringComparison.Ordinal)
            && int.TryParse(line.AsSpan(LoadingPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int percent)
            ? percent / 100.0
            : null;
}
