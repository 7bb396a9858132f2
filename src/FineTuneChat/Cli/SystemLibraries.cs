using System.Runtime.InteropServices;
using FineTuneChat.Protocol;

namespace FineTuneChat.Cli;

/// <summary>What the program needs of the system beside what it brings: on Linux OpenSSL, whose security fixes come with the system.</summary>
internal static class SystemLibraries
{
    private static readonly string[] OpenSsl = ["libssl.so.3", "libssl.so.1.1", "libssl.so"]; // as .NET looks for it

    /// <summary>.NET would end the process at the first hash, in words that name no package.</summary>
    /// <exception cref="UserException">It is missing; the message says how it is installed.</exception>
    public static void Require() => Require(name => NativeLibrary.TryLoad(name, out _), OperatingSystem.IsLinux());

    /// <param name="canLoad">Whether a library can be loaded.</param>
    /// <param name="isLinux">Elsewhere the system's own is used.</param>
    public static void Require(Func<string, bool> canLoad, bool isLinux)
    {
        if (isLinux && !OpenSsl.Any(canLoad))
            throw new UserException(
                "OpenSSL's library (libssl.so.3) is not on this machine. Install it: apt install libssl3 ca-certificates (Debian 12, Ubuntu 22.04; libssl3t64 "
                + "on later ones), dnf install openssl-libs (Fedora).");
    }
}
