using System.Data.Common;
using System.Threading.Channels;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>Takes jobs in the order in which they came: reads their files into the examples, and starts their runs, each when none is under way.</summary>
internal sealed partial class JobWorker(
    AssistantRegistry assistants, JobStore jobs, UploadedFiles files, ExampleImport imports, RetrainingWorker runs, RunPause pause, TimeProvider time,
    ILogger<JobWorker> logger)
        : BackgroundService
{
    private const int MostWarnings = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Channel<bool> _woken = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Tells that there may be something to do.</summary>
    public void Wake() => _woken.Writer.TryWrite(true);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        files.RemoveOrphans();
        pause.Set(jobs.PausedRun()); // before a run that was interrupted goes on
        Wake();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (bool _ in _woken.Reader.ReadAllAsync(stoppingToken))
            while (jobs.Next() is { IsPaused: false } job)
                if (!await TryAsync(job, stoppingToken))
                    await Task.Delay(Pause, time, stoppingToken); // a run is under way, or the disk is full
    }

    /// <summary>Whether the job has its run, or its end.</summary>
    private async Task<bool> TryAsync(JobRecord job, CancellationToken cancellation)
    {
        try
        {
            if (job.Examples is null)
                await ReadAsync(job, cancellation);
            RunOptions options = job.Guest?.Options ?? job.Asked.ToOptions() with { Seed = job.Seed };
            await runs.StartAsync(assistants.Require(Caller.Local, job.Assistant), options, job.Id, isGuest: job.Guest is not null);
            return true;
        }
        catch (OpenAiException e) when (e.Status is StatusCodes.Status409Conflict or >= StatusCodes.Status500InternalServerError)
        {
            return false;
        }
        catch (DbException e)
        {
            LogNotStarted(logger, job.Id, e);
            return false;
        }
        catch (Exception e) when (e is OpenAiException or InvalidDataException or DatasetQuestionException or IOException or UnauthorizedAccessException)
        {
            await jobs.FailAsync(job.Id, e.Message);
            return true;
        }
    }

    private async Task ReadAsync(JobRecord job, CancellationToken cancellation)
    {
        if (job.Guest is not null)
        {
            await jobs.SetReadAsync(job.Id, files.Rows(job.TrainingFile).Count(), []); // the trainer reads them
            return;
        }
        (int examples, IEnumerable<string> warnings) = await ImportAsync(job.Assistant, job.TrainingFile, side: null, cancellation);
        if (examples == 0)
            throw new InvalidDataException($"The training file has no example that can be learned. {string.Join(' ', warnings.Take(3))}");
        if (job.ValidationFile is { } validation)
        {
            (int more, IEnumerable<string> others) = await ImportAsync(job.Assistant, validation, SplitRules.HeldOut, cancellation);
            (examples, warnings) = (examples + more, warnings.Concat(others));
        }
        await jobs.SetReadAsync(job.Id, examples, warnings.Take(MostWarnings));
    }

    private async Task<(int Examples, IEnumerable<string> Warnings)> ImportAsync(
        string assistant, string id, string? side, CancellationToken cancellation)
    {
        UploadedFile file = files.Require(Caller.Local, id);
        await using FileStream content = files.Open(file.Id);
        (ImportReport report, ImportedRows rows) = await imports.RunAsync(
            assistant, new DatasetSource(content, file.Filename), isDryRun: false, cancellation, side);
        if (report.Id is { } import)
            await files.NoteImportAsync(file.Id, import);
        IEnumerable<string> warnings = rows.Errors.Select(e => $"{file.Filename}, line {e.Line}: {e.Message}");
        if (report.Excluded > 0)
            warnings = warnings.Append($"{file.Filename}: {report.Excluded} examples were kept aside for their flags; see GET /api/dataset?status=excluded.");
        return (rows.Examples.Count - report.Excluded, warnings);
    }

    [LoggerMessage(5020, LogLevel.Error, "Fine-tuning job {Job} could not be started")]
    private static partial void LogNotStarted(ILogger logger, string job, Exception e);
}
