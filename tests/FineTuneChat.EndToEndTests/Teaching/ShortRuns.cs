using FineTuneChat.TestSupport;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>
/// CI's runs of the starter are short: little is replayed, half of the rewordings are learned, in as many epochs as a few facts need. By default a run goes
/// on until all is learned (<see cref="TeachingTests"/>), which the long form does everywhere.
/// </summary>
internal static class ShortRuns
{
    public static string MaxReplay { get; } = Scale.IsLong ? "100" : "40";
    public static string Rewordings { get; } = Scale.IsLong ? "8" : "4";
    public static string Epochs { get; } = Scale.IsLong ? "0" : "10";
}
