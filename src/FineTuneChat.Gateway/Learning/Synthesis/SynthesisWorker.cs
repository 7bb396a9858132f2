using System.Data.Common;
using System.Threading.Channels;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Distillation;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>
/// Writes rows from documents in the background, one job after the other, passage by passage. What a crash or a stop has left goes on at the next start behind
/// the last passage.
/// </summary>
internal sealed partial class SynthesisWorker(
    SynthesisStore jobs, RowModels models, RowChecks checks, AssistantRegistry assistants, EventHub events, TimeProvider time,
    ILogger<SynthesisWorker> logger)
        : BackgroundService
{
    private const string Event = "synthesis.progress";
    private const int MostFailures = 3; // passages that a model refuses, one after the other
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1); // until there may be room on the disk again
    private readonly Channel<bool> _woken = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private (string Id, CancellationTokenSource End)? _running;

    /// <summary>Tells that there may be something to do.</summary>
    public void Wake() => _woken.Writer.TryWrite(true);

    /// <summary>Ends a job; false where it has ended.</summary>
    public async Task<bool> CancelAsync(string id)
    {
        bool wasRunning = await jobs.EndAsync(id, SynthesisStatus.Cancelled);
        Interrupt(id);
        Tell(id);
        return wasRunning;
    }

    /// <summary>Ends and deletes a job with its rows.</summary>
    public async Task RemoveAsync(string id)
    {
        await jobs.RemoveAsync(id);
        Interrupt(id);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Wake();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (bool _ in _woken.Reader.ReadAllAsync(stoppingToken))
            while (!await TryAsync(stoppingToken))
                await Task.Delay(Pause, time, stoppingToken);
    }

    /// <summary>Whether all jobs are done with; what cannot be kept now goes on later.</summary>
    private async Task<bool> TryAsync(CancellationToken stopping)
    {
        try
        {
            while (jobs.Next() is { } job)
                await RunAsync(job, stopping);
            return true;
        }
        catch (Exception e) when (e is OpenAiException or DbException)
        {
            LogNotKept(logger, e);
            return false;
        }
    }

    private async Task RunAsync(StoredSynthesis job, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        lock (_gate)
            _running = (job.Id, end);
        try
        {
            await WriteAsync(job, end.Token);
            await jobs.EndAsync(job.Id, SynthesisStatus.Completed);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // somebody has ended it, and said so
        }
        catch (Exception e) when (e is not OperationCanceledException) // whatever a server elsewhere answers ends this job, not the gateway
        {
            LogFailed(logger, job.Id, e);
            await jobs.EndAsync(job.Id, SynthesisStatus.Failed, e.Message);
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
        Tell(job.Id);
    }

    private async Task WriteAsync(StoredSynthesis job, CancellationToken cancellation)
    {
        Assistant assistant = assistants.Require(Caller.Local, job.Assistant);
        IReadOnlyList<long> passages = jobs.Passages(job);
        long[] left = [.. passages.Where(id => id > job.LastChunk)];
        await jobs.SetPassagesAsync(job.Id, passages.Count, passages.Count - left.Length);
        HashSet<DedupKey> questions = jobs.Questions(job);
        int failures = 0;
        foreach (long id in left)
        {
            if (jobs.Find(job.Id) is not { Status: SynthesisStatus.Running }) // ended, or deleted with its documents
                return;
            cancellation.ThrowIfCancellationRequested();
            if (jobs.Passage(id) is not { } passage)
                continue;
            PassageResult result;
            try
            {
                result = await OfPassageAsync(job, assistant, passage, questions, cancellation);
                failures = 0;
            }
            catch (TeacherException e) when (!e.IsHopeless && ++failures < MostFailures)
            {
                result = new([], 0, Unusable: 1); // this passage is too long for it, or it refuses what it says
            }
            await jobs.KeepAsync(job.Id, id, result);
            Tell(job.Id);
        }
    }

    private async Task<PassageResult> OfPassageAsync(
        StoredSynthesis job, Assistant assistant, SourcePassage passage, HashSet<DedupKey> questions, CancellationToken cancellation)
    {
        TeacherReply reply = await models.WriteAsync(assistant, passage, job.Questions, cancellation);
        return await checks.CheckAsync(
            assistant, job.StoreId, passage, reply.Text is null ? [] : RowRules.Read(reply.Text), questions, cancellation);
    }

    private void Interrupt(string id)
    {
        lock (_gate)
            if (_running is { } running && running.Id == id)
                running.End.Cancel();
    }

    private void Tell(string id)
    {
        if (jobs.Find(id) is { } job)
            events.Publish(Event, job.ToJob(), SynthesisJson.Wire.SynthesisJob, job.Assistant, job.Owner);
    }

    [LoggerMessage(5030, LogLevel.Error, "Rows from documents ({Job}) are written no further")]
    private static partial void LogFailed(ILogger logger, string job, Exception e);

    [LoggerMessage(5031, LogLevel.Error, "Rows from documents could not be kept; it is tried again")]
    private static partial void LogNotKept(ILogger logger, Exception e);
}
