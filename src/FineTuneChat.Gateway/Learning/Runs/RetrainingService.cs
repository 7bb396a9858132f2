using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Asks the policy, each minute and at each rating, whether it is time to learn, and starts a run when it is.</summary>
internal sealed partial class RetrainingService(
    RetrainingWorker worker, AutomaticSwitch automatic, RunStore runs, ExampleStore examples, ChatActivity activity, RetrainingSettings settings,
    TimeProvider time, ILogger<RetrainingService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>What the policy says now.</summary>
    public PolicyDecision Decide(Waiting waiting) => RetrainingPolicy.Decide(settings, new PolicyInput
    {
        Waiting = waiting,
        IsAutomatic = automatic.IsOn,
        IsRunning = worker.Current is not null || runs.Unfinished().Count > 0,
        Last = runs.LastFinished(),
        Now = time.GetLocalNow(),
        IdleSince = activity.IdleSince,
    });

    /// <summary>Starts a run where the policy says so.</summary>
    public async Task ConsiderAsync()
    {
        try
        {
            if (automatic.IsOn && Decide(examples.CountWaiting(AssistantNames.Default)).IsDue)
                await worker.StartAsync(null);
        }
        catch (OpenAiException e) when (e.Status < StatusCodes.Status500InternalServerError)
        {
            // another has started in between
        }
        catch (Exception e) when (e is OpenAiException or SqliteException) // a full disk, perhaps: the next minute may be better
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
