using System.ComponentModel;
using System.Diagnostics;
using FineTuneChat.Protocol;

namespace FineTuneChat.Services;

/// <summary>Does what a manager says: writes its file, runs its commands.</summary>
internal static class InstalledService
{
    private const int NoSuchCommand = 127; // as shells have it

    public static ServiceState State(IServiceManager manager)
    {
        (int exitCode, string output) = Run(manager.Status);
        return manager.StateOf(exitCode, output);
    }

    /// <exception cref="UserException">The system refused a step; the message is its own.</exception>
    public static void Install(IServiceManager manager)
    {
        if (manager.Folder is { } folder)
            Directory.CreateDirectory(folder);
        if (manager.Path is { } path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, manager.Text);
        }
        RunAll(manager.Install);
    }

    /// <summary>Removes the service, not its data.</summary>
    public static void Uninstall(IServiceManager manager)
    {
        RunAll(State(manager) == ServiceState.Running ? manager.Uninstall : [manager.Uninstall[^1]]);
        if (manager.Path is { } path)
            File.Delete(path);
        RunAll(manager.Forget);
    }

    private static void RunAll(IEnumerable<string[]> commands)
    {
        foreach (string[] command in commands)
        {
            (int exitCode, string output) = Run(command);
            if (exitCode != 0)
                throw new UserException($"'{string.Join(' ', command)}' failed (exit code {exitCode}): {output.Trim()}");
        }
    }

    private static (int ExitCode, string Output) Run(string[] command)
    {
        try
        {
            var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception e)
        {
            return (NoSuchCommand, e.Message);
        }
    }
}
