using System.Globalization;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>What the kernel says of a server's two processes. On Linux only: elsewhere all figures are 0.</summary>
internal sealed class ServingProcesses
{
    private const double TicksPerSecond = 100; // USER_HZ
    private const int UserTime = 13, SystemTime = 14; // fields of /proc/PID/stat, from 0

    private readonly int _gateway, _engine, _loop;

    /// <param name="server">Its engine runs.</param>
    public ServingProcesses(ServerProcess server)
    {
        _gateway = server.ProcessId;
        if (!OperatingSystem.IsLinux())
            return;
        // the kernel lists children by the thread that started them
        _engine = ThreadsOf(_gateway).SelectMany(thread => Numbers(File.ReadAllText($"{thread}/children"))).First();
        _loop = ThreadsOf(_engine)
            .Where(thread => File.ReadAllText($"{thread}/comm").Trim() == "engine")
            .SelectMany(thread => Numbers(Path.GetFileName(thread))).First();
    }

    /// <summary>Seconds of processor time.</summary>
    public double GatewaySeconds => Seconds($"/proc/{_gateway}");

    /// <summary>Seconds of processor time, without the thread of the loop.</summary>
    public double EngineSeconds => Seconds($"/proc/{_engine}") - Seconds($"/proc/{_engine}/task/{_loop}");

    private static string[] ThreadsOf(int process) => Directory.GetDirectories($"/proc/{process}/task");

    private static IEnumerable<int> Numbers(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    private static double Seconds(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        string stat = File.ReadAllText($"{folder}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the third field on: the second may hold spaces
        return (int.Parse(fields[UserTime - 2], CultureInfo.InvariantCulture)
            + int.Parse(fields[SystemTime - 2], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
