using System.Data.Common;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Asks the policy, each minute and at each rating, whether it is time for an assistant to learn, and starts a run when it is.</summary>
internal sealed partial class RetrainingService(
    AssistantRegistry assistants, RetrainingWorker worker, AutomaticSwitch automatic, RunStore runs, ExampleStore examples, ChatActivity activity,
    RetrainingSettings settings, TimeProvider time, ILogger<RetrainingService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>What the policy says now.</summary>
    public PolicyDecision Decide(string assistant, Waiting waiting) => RetrainingPolicy.Decide(settings, new PolicyInput
    {
        Waiting = waiting,
        IsAutomatic = automatic.IsOn(assistant),
        IsRunning = worker.IsBusy || runs.Unfinished().Count > 0,
        Last = runs.LastFinished(assistant),
        Now = time.GetLocalNow(),
        IdleSince = activity.IdleSince,
    });

    /// <summary>Starts a run where the policy says so: of several assistants for the one that has trained longest ago.</summary>
    public async Task ConsiderAsync()
    {
        try
        {
            Assistant? due = assistants.All.Where(a => a.Problem is null && automatic.IsOn(a.Id) && Decide(a.Id, examples.CountWaiting(a.Id)).IsDue)
                .MinBy(a => runs.LastFinished(a.Id)?.FinishedAt ?? 0);
            if (due is not null)
                await worker.StartAsync(due, null);
        }
        catch (OpenAiException e) when (e.Status < StatusCodes.Status500InternalServerError)
        {
            // another has started in between
        }
        catch (Exception e) when (e is OpenAiException or DbException) // a full disk, perhaps: the next minute may be better
        {
            LogNotConsidered(logger, e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await ConsiderAsync();
    }

    [LoggerMessage(5010, LogLevel.Error, "Whether to train could not be decided")]
    private static partial void LogNotConsidered(ILogger logger, Exception e);
}
