using System.Globalization;
using FineTuneChat.Gateway.Models;

namespace FineTuneChat.Cli;

/// <summary>Figures of models as people read them.</summary>
internal static class ModelText
{
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} kB"),
    };

    public static string Count(long? parameters) => parameters switch
    {
        null => "",
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e9:0.0} B"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e6:0.0} M"),
    };

    public static string Memory(MemoryFit? memory) => memory is null ? "" : $"{Bytes(memory.Bytes)}: {(memory.Fits == "yes" ? "fits" : memory.Fits == "tight" ? "tight" : "too large")}";
}
