using System.Diagnostics;

namespace FineTuneChat.Gateway.Processes;

/// <summary>Starts another verb of this same program.</summary>
internal static class ProgramProcess
{
    private const string Name = nameof(FineTuneChat); // of the program's assembly, and of its launcher

    /// <summary>
    /// What starts this program: our own launcher (published: <c>finetunechat</c>), the one beside us under a test runner, or <c>dotnet</c> and the file.
    /// </summary>
    public static string[] Command()
    {
        string launcher = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? $"{Name}.exe" : Name);
        bool isLauncher = Path.GetFileNameWithoutExtension(Environment.ProcessPath)?.Equals(Name, StringComparison.OrdinalIgnoreCase) == true;
        return isLauncher ? [Environment.ProcessPath!] : File.Exists(launcher) ? [launcher] : ["dotnet", Path.Combine(AppContext.BaseDirectory, $"{Name}.dll")];
    }

    /// <summary>With all three streams in our hands: <c>--supervised</c> makes the child end when its input closes, so it never outlives the gateway.</summary>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        string[] command = Command();
        return new ProcessStartInfo(command[0], [.. command[1..], .. arguments, "--supervised"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
    }
}
