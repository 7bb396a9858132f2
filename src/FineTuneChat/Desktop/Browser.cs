using System.ComponentModel;
using System.Diagnostics;
using FineTuneChat.Gateway;

namespace FineTuneChat.Desktop;

/// <summary>The page in the user's browser, for who started the program by a click and sees no address.</summary>
internal static class Browser
{
    /// <param name="setting"><see cref="ServerSettings.OpenBrowser"/>.</param>
    /// <param name="surroundings">How the program was started.</param>
    public static bool IsWanted(string setting, Surroundings surroundings) => setting switch
    {
        ServerSettings.On => true,
        ServerSettings.Off => false,
        _ => surroundings is { HasTerminal: false, IsDesktop: true },
    };

    /// <summary>A browser that cannot be opened is no reason to stop: the address is printed, too.</summary>
    public static void Open(string url)
    {
        try
        {
            using Process? shown = Process.Start(new ProcessStartInfo(url) { UseShellExecute = true });
        }
        catch (Exception e) when (e is Win32Exception or PlatformNotSupportedException)
        {
            Console.Error.WriteLine($"The browser could not be opened ({e.Message}). Open {url} yourself.");
        }
    }
}
