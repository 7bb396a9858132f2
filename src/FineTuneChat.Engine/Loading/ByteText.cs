using System.Globalization;

namespace FineTuneChat.Engine.Loading;

/// <summary>Bytes as people read them: <c>4.6 GiB</c>.</summary>
internal static class ByteText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Of(long bytes)
    {
        double number = bytes;
        int unit = 0;
        for (; number >= 1000 && unit < Units.Length - 1; unit++)
            number /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(number, number < 10 ? 1 : 0)} {Units[unit]}");
    }
}
