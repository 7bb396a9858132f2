using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Log.Presets;

/// <summary>The presets, as far as the caller sees them: list, save, remove.</summary>
internal sealed class PresetStore(Database database, TimeProvider time)
{
    /// <summary>All, by name.</summary>
    public IReadOnlyList<Preset> List(Caller caller) => database.Read(
        c => c.Query<Row>($"SELECT * FROM presets WHERE {caller.Sees("owner")} ORDER BY name", new { caller.Owner }).Select(r => r.ToPreset()).ToArray());

    /// <summary>Saves a preset; the caller's own of the same name is replaced.</summary>
    public Task<Preset> SaveAsync(Caller caller, string name, string system, string request) => database.WriteAsync(connection => connection.QueryFirst<Row>(
        """
        INSERT INTO presets (id, owner, name, system, request, updated_at) VALUES (@id, @Owner, @name, @system, @request, @now)
        ON CONFLICT (owner, name) DO UPDATE SET name = @name, system = @system, request = @request, updated_at = @now
        RETURNING *
        """,
        new { id = $"preset_{Guid.CreateVersion7(time.GetUtcNow()):N}", caller.Owner, name, system, request, now = time.GetUtcNow().ToUnixTimeMilliseconds() })
        .ToPreset());

    /// <summary>Whether there was such a preset.</summary>
    public Task<bool> RemoveAsync(Caller caller, string id) =>
        database.WriteAsync(c => c.Execute($"DELETE FROM presets WHERE id = @id AND {caller.Sees("owner")}", new { id, caller.Owner }) > 0);

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Name { get; init; }
        public required string System { get; init; }
        public required string Request { get; init; }
        public required long UpdatedAt { get; init; }

        public Preset ToPreset() => new() { Id = Id, Name = Name, System = System, Request = JsonElement.Parse(Request), UpdatedAt = UpdatedAt / 1000 };
    }
}
