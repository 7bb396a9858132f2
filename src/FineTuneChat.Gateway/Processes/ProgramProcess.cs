using System.Diagnostics;

namespace FineTuneChat.Gateway.Processes;

/// <summary>Starts another verb of this same program.</summary>
internal static class ProgramProcess
{
    private const string Name = nameof(FineTuneChat); // of the program's assembly, and of its launcher

    /// <summary>With all three streams in our hands: <c>--supervised</c> makes the child end when its input closes, so it never outlives the gateway.</summary>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        string launcher = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? $"{Name}.exe" : Name);
        bool isLauncher = Path.GetFileNameWithoutExtension(Environment.ProcessPath)?.Equals(Name, StringComparison.OrdinalIgnoreCase) == true;

        // Our own launcher (published: `finetunechat`); the one beside us under a test runner; without any, `dotnet FineTuneChat.dll`.
        var start = new ProcessStartInfo(isLauncher ? Environment.ProcessPath! : File.Exists(launcher) ? launcher : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        if (start.FileName == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{Name}.dll"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add("--supervised");
        return start;
    }
}
