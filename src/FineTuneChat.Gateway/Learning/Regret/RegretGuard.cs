using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Regret;

/// <summary>Watches what users say of the version in service: one that pleases less than the one before makes way for it.</summary>
internal sealed partial class RegretGuard(
    Database database, AssistantRegistry assistants, VersionSwitch inService, RetrainingSettings settings, ILogger<RegretGuard> logger)
{
    /// <summary>After a rating. Nobody waits for what follows from it.</summary>
    public void Consider(string completionId)
    {
        if (settings.RollBackWhenRegretted)
            _ = Task.Run(() => ConsiderAsync(completionId));
    }

    private async Task ConsiderAsync(string completionId)
    {
        try
        {
            (string? name, int number) = Find(completionId);
            if (name is null || assistants.Find(name) is not { } assistant || assistant.Versions.Active().Number != number
                || assistant.Versions.RollbackTarget() is not { } target)
                return;
            RatingCount now = Count(name, number, isSinceInService: true), before = Count(name, target.Number, isSinceInService: false);
            if (!RegretRules.IsWorse(now, before, settings.RegretErrorRate))
                return;
            await inService.GiveWayAsync(
                assistant, number,
                $"Since it came into service, {now.Down} of {now.All} rated replies were rated down; of version {target.Number} "
                + $"{before.Down} of {before.All}. That is more than chance explains (one error in {1 / settings.RegretErrorRate:0}).");
        }
        catch (Exception e) when (e is EngineException or DbException) // it stays; the next rating asks again
        {
            LogNotConsidered(logger, e);
        }
    }

    /// <summary>Whose reply it is; null where it is not that of a trained version.</summary>
    private (string? Assistant, int Version) Find(string completionId) => database.Read(connection => connection.QueryFirstOrDefault<(string?, int)>(
        "SELECT assistant, version FROM exchanges WHERE completion_id = @completionId AND version > 0", new { completionId }));

    private RatingCount Count(string assistant, int version, bool isSinceInService) => database.Read(connection => connection.QueryFirst<RatingCount>(
        """
        SELECT COUNT(*) FILTER (WHERE r.rating = 'up') AS up, COUNT(*) FILTER (WHERE r.rating = 'down') AS down
        FROM exchanges x
        JOIN versions v ON v.assistant = x.assistant AND v.number = x.version
        JOIN ratings r ON r.id = (SELECT MAX(id) FROM ratings WHERE completion_id = x.completion_id)
        WHERE x.assistant = @assistant AND x.version = @version AND (NOT @isSinceInService OR x.created_at >= v.since)
        """,
        new { assistant, version, isSinceInService }));

    [LoggerMessage(5040, LogLevel.Error, "Whether the version in service is regretted could not be decided")]
    private static partial void LogNotConsidered(ILogger logger, Exception e);
}
