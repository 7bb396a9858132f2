using System.Diagnostics;
using System.Globalization;

namespace FineTuneChat.TestSupport;

/// <summary>The processes that another one started, by what their command line says. Linux only: it reads <c>/proc</c>.</summary>
public static class ChildProcesses
{
    /// <summary>Kills, as <c>kill -9</c>, the children of a process that were started with an argument.</summary>
    /// <param name="parent">Its id.</param>
    /// <param name="argument">Such as the verb <c>train</c>.</param>
    /// <returns>How many there were.</returns>
    public static int Kill(int parent, string argument)
    {
        int killed = 0;
        foreach (int id in Of(parent).Where(id => Arguments(id).Contains(argument)))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
                killed++;
            }
            catch (ArgumentException)
            {
                // it has ended in between
            }
        }
        return killed;
    }

    /// <summary>Ids of the processes that another one started.</summary>
    public static IEnumerable<int> Of(int parent) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let id = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int number) ? number : 0
        where id > 0 && ParentOf(id) == parent
        select id;

    // "PID (NAME) STATE PPID …"; a name may hold blanks and brackets.
    private static int ParentOf(int id) =>
        Read(id, "stat") is { } stat && stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var parent, ..]
            ? int.Parse(parent, CultureInfo.InvariantCulture)
            : 0;

    private static string[] Arguments(int id) => Read(id, "cmdline")?.Split('\0') ?? [];

    private static string? Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) // gone
        {
            return null;
        }
    }
}
