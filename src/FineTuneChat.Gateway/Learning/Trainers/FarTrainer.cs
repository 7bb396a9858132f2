using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>
/// <c>openai</c>: a server elsewhere trains, by OpenAI's <c>files</c> and <c>fine_tuning/jobs</c>. It is waited for while it cannot be reached; the job goes on
/// there while this gateway is down.
/// </summary>
internal sealed partial class FarTrainer(
    TrainerSettings settings, AdapterIntake intake, RunPause pause, TimeProvider time, ILogger<FarTrainer> logger) : ITrainer, IDisposable
{
    private const string Jobs = "v1/fine_tuning/jobs", Page = "limit=100";
    private const int MostPages = 100; // of events at a time
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);
    private readonly FarServer _server = new(settings);

    public void Dispose() => _server.Dispose();

    public async Task TrainAsync(Assistant assistant, RunReporter reporter, RunFolder folder, CancellationToken cancellation)
    {
        FarJob job = await BeginAsync(assistant, reporter.Current, folder, cancellation);
        JsonElement ended = await FollowAsync(job, reporter, cancellation);
        FarJob whole = job with { Files = new(job.Files) };
        foreach (string result in FarAdapter.Results(ended))
            whole.Files[result] = result; // they go, too, when the run has ended
        whole.Save(folder);

        string output = Path.Combine(folder.Bundle, "output");
        await PatientlyAsync(async () =>
        {
            await FarAdapter.FetchAsync(_server, ended, output, cancellation);
            return true;
        }, cancellation);
        await intake.TakeAsync(assistant, reporter.Current, folder, output, rank: null, cancellation);
        Directory.Delete(folder.Bundle, recursive: true);
    }

    /// <summary>Ends the job, if it has not ended, and deletes the files there.</summary>
    public async Task LeaveAsync(RunFolder folder)
    {
        if (FarJob.Read(folder) is not { } job)
            return;
        try
        {
            if ((job.Id ?? await FindAsync(job.Run, CancellationToken.None)) is { } id)
                await TryAsync(() => _server.PostAsync($"{At(id)}/cancel", [], CancellationToken.None));
            foreach (string file in job.Files.Values)
                await TryAsync(() => _server.DeleteAsync($"v1/files/{Uri.EscapeDataString(file)}", CancellationToken.None));
            FarJob.Delete(folder);
        }
        catch (FarException e)
        {
            LogNotLeft(logger, job.Run, job.Id, e.Message);
        }

        static async Task TryAsync(Func<Task> ask)
        {
            try
            {
                await ask();
            }
            catch (FarException e) when (!e.IsPassing)
            {
                // it has ended, or is gone
            }
        }
    }

    /// <summary>Uploads the files and orders the job, as far as that was not done before.</summary>
    private async Task<FarJob> BeginAsync(Assistant assistant, Run run, RunFolder folder, CancellationToken cancellation)
    {
        FarJob job = FarJob.Read(folder) is { } begun && begun.Url == settings.Url ? begun : new FarJob { Url = settings.Url, Run = run.Id };
        if (job.Id is not null)
            return job;
        foreach ((string use, string file) in FarOrder.Files(folder, run).Where(f => !job.Files.ContainsKey(f.Key)))
        {
            job.Files[use] = await PatientlyAsync(() => _server.UploadAsync(file, $"{run.Id}-{use}.jsonl", cancellation), cancellation);
            job.Save(folder);
        }
        JsonObject body = FarOrder.Body(settings.Model.Length > 0 ? settings.Model : assistant.Base.Name, run, job.Files);
        job = job with
        {
            // Asked for first: the answer to an order may have been lost.
            Id = await PatientlyAsync(
                async () => await FindAsync(run.Id, cancellation) ?? FarServer.Text(await _server.PostAsync(Jobs, body, cancellation), "id"), cancellation)
                ?? throw new VerbException($"{Name} takes the job, but gives it no id."),
        };
        job.Save(folder);
        return job;
    }

    /// <summary>The job of a run, among the newest.</summary>
    private async Task<string?> FindAsync(string run, CancellationToken cancellation) =>
        FarProgress.List(await _server.GetAsync($"{Jobs}?{Page}", cancellation))
            .Where(job => job.TryGetProperty("metadata", out JsonElement metadata) && FarServer.Text(metadata, GuestOrder.RunKey) == run)
            .Select(job => FarServer.Text(job, "id")).FirstOrDefault();

    /// <summary>Until the job has ended well.</summary>
    private async Task<JsonElement> FollowAsync(FarJob job, RunReporter reporter, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task pausing = PassPausesOnAsync(job, ended.Token);
        try
        {
            for (int told = 0; ;)
            {
                JsonElement now = await PatientlyAsync(() => _server.GetAsync(At(job.Id!), cancellation), cancellation);
                told = await ReportAsync(job, now, told, reporter, cancellation);
                switch (FarServer.Text(now, "status"))
                {
                    case JobStatus.Succeeded:
                        return now;
                    case JobStatus.Failed:
                        throw new VerbException($"{Name} has failed: {Error(now)}");
                    case JobStatus.Cancelled:
                        throw new VerbException($"The job {job.Id} was cancelled at {Name}.");
                }
                await Task.Delay(FirstPause, time, cancellation);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await pausing;
        }
    }

    /// <summary>Passes steps on that were not told yet; the last one.</summary>
    private async Task<int> ReportAsync(FarJob job, JsonElement now, int told, RunReporter reporter, CancellationToken cancellation)
    {
        double? left = now.TryGetProperty("estimated_finish", out JsonElement finish) && finish.ValueKind == JsonValueKind.Number
            ? Math.Max(0, finish.GetDouble() - time.GetUtcNow().ToUnixTimeSeconds())
            : null;
        var steps = new List<RunProgress>();
        string after = "";
        for (int pages = 0; pages < MostPages; pages++)
        {
            JsonElement page = await PatientlyAsync(() => _server.GetAsync($"{At(job.Id!)}/events?{Page}{after}", cancellation), cancellation);
            RunProgress[] found = [.. FarProgress.Of(page, told, left)];
            steps.AddRange(found);
            bool isMore = page.TryGetProperty("has_more", out JsonElement more) && more.ValueKind == JsonValueKind.True;
            if (!isMore || found.Length == 0 || found[0].Step == told + 1 || FarServer.Text(FarProgress.List(page)[^1], "id") is not { } last)
                break;
            after = $"&after={Uri.EscapeDataString(last)}";
        }
        foreach (RunProgress step in steps.OrderBy(s => s.Step))
            reporter.Report(JsonSerializer.SerializeToElement(step, RunsJson.Wire.RunProgress));
        return steps.Count > 0 ? steps.Max(s => s.Step) : told;
    }

    private async Task PassPausesOnAsync(FarJob job, CancellationToken ended)
    {
        try
        {
            await foreach (string command in pause.CommandsAsync(job.Run, ended, isForChats: false)) // chats here take nothing from a machine there
                await PassOnAsync(command);
        }
        catch (OperationCanceledException)
        {
            // the run has
        }

        async Task PassOnAsync(string command)
        {
            try
            {
                await _server.PostAsync($"{At(job.Id!)}/{command}", [], ended);
            }
            catch (FarException e)
            {
                LogNotPaused(logger, job.Run, command, e.Message);
            }
        }
    }

    /// <summary>Asks again while the server cannot answer, for as long as the settings say.</summary>
    private async Task<T> PatientlyAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        long begun = time.GetTimestamp();
        for (TimeSpan wait = FirstPause; ; wait = TimeSpan.FromTicks(Math.Min(2 * wait.Ticks, LongestPause.Ticks)))
            try
            {
                return await ask();
            }
            catch (FarException e) when (e.IsPassing && time.GetElapsedTime(begun) < TimeSpan.FromMinutes(settings.PatienceMinutes))
            {
                LogWaiting(logger, e.Message);
                await Task.Delay(wait, time, cancellation);
            }
            catch (FarException e)
            {
                throw new VerbException($"{Name} {e.Message}");
            }
    }

    private static string At(string job) => $"{Jobs}/{Uri.EscapeDataString(job)}";

    private string Name => $"The trainer at {settings.Address().Host}";

    private static string Error(JsonElement job) =>
        job.TryGetProperty("error", out JsonElement error) && FarServer.Text(error, "message") is { Length: > 0 } message ? message : "it does not say why.";

    [LoggerMessage(5030, LogLevel.Warning, "The trainer elsewhere {Problem} It is asked again")]
    private static partial void LogWaiting(ILogger logger, string problem);

    [LoggerMessage(5031, LogLevel.Warning, "Run {RunId}: '{Command}' could not be passed on to the trainer elsewhere: it {Problem}")]
    private static partial void LogNotPaused(ILogger logger, string runId, string command, string problem);

    [LoggerMessage(5032, LogLevel.Warning, "Run {RunId}: its job {Job} and its files could not be ended and deleted at the trainer elsewhere: it {Problem}")]
    private static partial void LogNotLeft(ILogger logger, string runId, string? job, string problem);
}
