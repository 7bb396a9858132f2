using System.Text.Json;
using FineTuneChat.Gateway.Events;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Keeps the state of the run in progress: in memory for whoever asks, as events for whoever listens, in the database about once a second.</summary>
internal sealed class RunReporter(Run run, RunStore runs, EventHub events, TimeProvider time)
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);
    private readonly List<CurvePoint> _points = [];
    private long _savedAt = time.GetTimestamp();

    public Run Current { get; private set; } = run;

    /// <summary>A change of status, or a result: written at once.</summary>
    public async Task SetAsync(Run changed)
    {
        Current = changed;
        await SaveAsync();
        events.Publish("training.progress", changed, RunsJson.Wire.Run, Current.Assistant);
    }

    /// <summary>A progress line of the trainer.</summary>
    public void Report(JsonElement line)
    {
        if (!Take(line, time.GetUtcNow().ToUnixTimeMilliseconds()))
            return;
        events.Publish("training.progress", Current, RunsJson.Wire.Run, Current.Assistant);
        if (time.GetElapsedTime(_savedAt) >= SaveInterval)
            _ = SaveAsync(); // the writer keeps the order
    }

    /// <summary>The progress lines that a crash kept from the database, out of the trainer's own log.</summary>
    public void Restore(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            try
            {
                Take(JsonElement.Parse(line), at: null);
            }
            catch (JsonException)
            {
                return; // cut off by the crash: the last one
            }
        }
    }

    private bool Take(JsonElement line, long? at)
    {
        if (!line.TryGetProperty("step", out _))
            return false;
        RunProgress progress = line.Deserialize(RunsJson.Wire.RunProgress)!;
        Current = Current with { Progress = progress with { ValLoss = progress.ValLoss ?? Current.Progress?.ValLoss } };
        _points.Add(new CurvePoint { Step = progress.Step, Loss = progress.Loss, ValLoss = progress.ValLoss, At = at });
        return true;
    }

    public async Task FinishAsync(Run finished)
    {
        Current = finished with { FinishedAt = time.GetUtcNow().ToUnixTimeSeconds() };
        await SaveAsync();
        events.Publish("training.finished", Current, RunsJson.Wire.Run, Current.Assistant);
    }

    private Task SaveAsync()
    {
        CurvePoint[] points = [.. _points];
        _points.Clear();
        _savedAt = time.GetTimestamp();
        return runs.SaveAsync(Current, points);
    }
}
