using System.Runtime.InteropServices;

namespace FineTuneChat.Desktop;

/// <summary>How the program was started.</summary>
/// <param name="HasTerminal">Whether a person reads there what it writes.</param>
/// <param name="IsDesktop">Whether a browser could be shown to that person.</param>
internal readonly record struct Surroundings(bool HasTerminal, bool IsDesktop)
{
    public static Surroundings Look() => new(
        (!Console.IsInputRedirected || !Console.IsOutputRedirected) && !IsConsoleOwn(),
        OperatingSystem.IsLinux() ? IsSet("DISPLAY") || IsSet("WAYLAND_DISPLAY") : Environment.UserInteractive && !IsSet("SSH_CONNECTION"));

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 };

    /// <summary>Windows gives a program that was double-clicked a console of its own, which no shell shares.</summary>
    private static bool IsConsoleOwn() => OperatingSystem.IsWindows() && GetConsoleProcessList(new uint[2], 2) == 1;

    [DllImport("kernel32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern uint GetConsoleProcessList([Out] uint[] processes, uint count);
}
