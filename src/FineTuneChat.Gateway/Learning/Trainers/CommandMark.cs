using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>Which process a run's command is, in a file: a gateway that was killed leaves it at work, and there must not be two.</summary>
/// <param name="Id">The process's.</param>
/// <param name="StartedAt">Ids are given again.</param>
internal sealed record CommandMark(int Id, DateTime StartedAt)
{
    private static readonly TimeSpan Inexact = TimeSpan.FromSeconds(2); // the system counts from its own start

    public static void Write(string path, Process process)
    {
        try
        {
            var mark = new CommandMark(process.Id, process.StartTime.ToUniversalTime());
            PrivateFile.WriteLines(path, [JsonSerializer.Serialize(mark, TrainersJson.Wire.CommandMark)]);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // it has ended already
        }
    }

    /// <summary>Waits for the end of that process, if it is still at work. Cancelling kills it.</summary>
    public static async Task WaitAsync(string path, CancellationToken cancellation)
    {
        using Process? process = File.Exists(path) ? Find(File.ReadAllText(path)) : null;
        if (process is not null)
        {
            using CancellationTokenRegistration kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
            await process.WaitForExitAsync(cancellation);
        }
        File.Delete(path);
    }

    private static Process? Find(string text)
    {
        try
        {
            CommandMark mark = JsonSerializer.Deserialize(text, TrainersJson.Wire.CommandMark)!;
            var process = Process.GetProcessById(mark.Id);
            if ((process.StartTime.ToUniversalTime() - mark.StartedAt).Duration() < Inexact)
                return process;
            process.Dispose();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or JsonException)
        {
            // it has ended
        }
        return null;
    }
}
