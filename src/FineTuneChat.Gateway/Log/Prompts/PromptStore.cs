using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Log.Prompts;

/// <summary>The library of prompts, as far as the caller sees it: list, save, remove.</summary>
internal sealed class PromptStore(Database database, TimeProvider time)
{
    private const string Columns = "id, name, text, updated_at / 1000 AS updated_at";

    /// <summary>All, by name.</summary>
    public IReadOnlyList<Prompt> List(Caller caller) => database.Read(
        c => c.Query<Prompt>($"SELECT {Columns} FROM prompts WHERE {caller.Sees("owner")} ORDER BY name, id", new { caller.Owner }).ToArray());

    /// <summary>Saves a prompt; the caller's own of the same name is replaced.</summary>
    public Task<Prompt> SaveAsync(Caller caller, string name, string text) => database.WriteAsync(connection => connection.QueryFirst<Prompt>(
        $"""
        INSERT INTO prompts (id, owner, name, text, updated_at) VALUES (@id, @Owner, @name, @text, @now)
        ON CONFLICT (owner, name) DO UPDATE SET name = @name, text = @text, updated_at = @now
        RETURNING {Columns}
        """,
        new { id = $"prompt_{Guid.CreateVersion7(time.GetUtcNow()):N}", caller.Owner, name, text, now = time.GetUtcNow().ToUnixTimeMilliseconds() }));

    /// <summary>Whether there was such a prompt.</summary>
    public Task<bool> RemoveAsync(Caller caller, string id) =>
        database.WriteAsync(c => c.Execute($"DELETE FROM prompts WHERE id = @id AND {caller.Sees("owner")}", new { id, caller.Owner }) > 0);
}
