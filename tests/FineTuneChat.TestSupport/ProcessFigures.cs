using System.Diagnostics;

namespace FineTuneChat.TestSupport;

/// <summary>What a process holds at a moment.</summary>
/// <param name="ResidentMegabytes">Memory that is in RAM.</param>
/// <param name="Handles">Open files and sockets; 0 where there is no <c>/proc</c>.</param>
/// <param name="Threads">Of the system.</param>
public sealed record ProcessFigures(double ResidentMegabytes, int Handles, int Threads)
{
    /// <exception cref="ArgumentException">There is no such process.</exception>
    public static ProcessFigures Of(int id)
    {
        using var process = Process.GetProcessById(id);
        string folder = $"/proc/{id}/fd";
        return new(process.WorkingSet64 / 1e6, Directory.Exists(folder) ? Directory.GetFiles(folder).Length : 0, process.Threads.Count);
    }

    public override string ToString() => $"{ResidentMegabytes:0.0} MB, {Handles} handles, {Threads} threads";
}
