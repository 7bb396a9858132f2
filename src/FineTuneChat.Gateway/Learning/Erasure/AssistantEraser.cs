using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Tools;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>
/// Deletes an assistant with all that is of it: conversations, examples, runs, versions, keys that were for it alone. First it is marked, so that from then on
/// there is none of its id; what a crash leaves undone, the next start does.
/// </summary>
internal sealed class AssistantEraser(
    AssistantRegistry assistants, Database database, DataFolder data, RetrainingWorker worker, VersionSwitch inService, RecallStore recall, ErasedTexts texts,
    ToolBox tools, TimeProvider time) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (string id in database.Read(c => c.Query<string>("SELECT name FROM assistants WHERE deleted_at IS NOT NULL").ToArray()))
            await RemoveAsync(id);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<AssistantErased> EraseAsync(Assistant assistant)
    {
        await assistants.ForgetAsync(assistant);
        await worker.EndAsync(assistant.Id);
        await inService.RetireAsync(assistant.Id); // replies that are being written are logged before
        recall.Forget(assistant.Id);
        texts.DropAll(assistant.Id);
        await tools.ForgetAsync(assistant.Id);
        return await RemoveAsync(assistant.Id);
    }

    private async Task<AssistantErased> RemoveAsync(string id)
    {
        // 1. Its files; what names them is still in the database.
        foreach (string run in database.Read(c => c.Query<string>("SELECT id FROM runs WHERE assistant = @id", new { id }).ToArray()))
            DeleteFolder(data.Run(run));
        foreach (string erasure in database.Read(c => c.Query<string>("SELECT id FROM erasures WHERE assistant = @id", new { id }).ToArray()))
            File.Delete(Path.Combine(data.Erasures, $"{erasure}.json"));
        foreach (string file in database.Read(c => c.Query<string>($"SELECT id FROM files WHERE import_id IN ({Imports})", new { id }).ToArray()))
            File.Delete(data.UploadedFile(file));
        DeleteFolder(data.Assistant(id));

        // 2. Its rows, at last its own; then what deleting has left in the database's files.
        AssistantErased erased = await database.WriteAsync(connection => Remove(connection, id, time.GetUtcNow()));
        await database.EraseDeletedAsync();
        return erased with { Backups = [.. database.Backups().Select(file => Path.GetFileName(file))] };
    }

    private const string Imports = "SELECT import_id FROM examples WHERE assistant = @id AND import_id IS NOT NULL";

    private static AssistantErased Remove(DbConnection connection, string id, DateTimeOffset now)
    {
        connection.Execute(
            $"""
            DELETE FROM files WHERE import_id IN ({Imports});
            DELETE FROM fine_tuning_jobs WHERE assistant = @id;
            DELETE FROM syntheses WHERE assistant = @id;
            DELETE FROM erasures WHERE assistant = @id;
            DELETE FROM tool_servers WHERE assistant = @id;
            UPDATE api_keys SET revoked_at = COALESCE(revoked_at, @now) WHERE assistants = json_array(@id);
            UPDATE api_keys SET assistants = (SELECT json_group_array(value) FROM json_each(assistants) WHERE value <> @id)
            WHERE assistants IS NOT NULL AND assistants <> json_array(@id)
            """,
            new { id, now = now.ToUnixTimeMilliseconds() });
        return new AssistantErased(
            id,
            Examples: connection.Execute("DELETE FROM examples WHERE assistant = @id", new { id }),
            Conversations: connection.Execute("DELETE FROM conversations WHERE assistant = @id", new { id }),
            Versions: connection.Execute("DELETE FROM versions WHERE assistant = @id AND number > 0", new { id }),
            Runs: Runs(connection, id));
    }

    private static int Runs(DbConnection connection, string id)
    {
        // Version 0, and the assistant itself.
        connection.Execute(
            """
            DELETE FROM versions WHERE assistant = @id;
            DELETE FROM recall_changes WHERE assistant = @id;
            DELETE FROM assistants WHERE name = @id
            """,
            new { id });
        return connection.Execute("DELETE FROM runs WHERE assistant = @id", new { id });
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}

/// <summary>An assistant that was deleted, and what went with it.</summary>
/// <param name="Id">Its id, which may be given again.</param>
/// <param name="Examples">Examples that it had learned from, or was to.</param>
/// <param name="Conversations">Conversations with it.</param>
/// <param name="Versions">Versions of it.</param>
/// <param name="Runs">Runs of it.</param>
internal sealed record AssistantErased(string Id, int Examples, int Conversations, int Versions, int Runs)
{
    public string Object => "assistant";
    public bool Deleted => true;

    /// <summary>Copies of the database that still have all of it.</summary>
    public IReadOnlyList<string> Backups { get; init; } = [];
}
