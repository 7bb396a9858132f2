using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>The servers of tools that each assistant has, as they came.</summary>
internal sealed class ToolServerStore(Database database, TimeProvider time)
{
    public IReadOnlyList<ToolServerSettings> Of(string assistant) => database.Read(connection =>
        connection.Query<string>("SELECT settings FROM tool_servers WHERE assistant = @assistant ORDER BY created_at, name", new { assistant })
            .Select(Read).ToArray());

    public ToolServerSettings? Find(string assistant, string name) => database.Read(connection =>
        connection.QueryFirstOrDefault<string>("SELECT settings FROM tool_servers WHERE assistant = @assistant AND name = @name", new { assistant, name })
            is { } settings ? Read(settings) : null);

    /// <exception cref="OpenAiException">409: the name is taken, or there are too many.</exception>
    public async Task AddAsync(string assistant, ToolServerSettings settings)
    {
        (int others, int added) = await database.WriteAsync(connection =>
        {
            int count = connection.ExecuteScalar<int>("SELECT COUNT(*) FROM tool_servers WHERE assistant = @assistant", new { assistant });
            return (count, count >= ToolLimits.Servers ? 0 : connection.Execute(
                """
                INSERT INTO tool_servers (assistant, name, settings, created_at) VALUES (@assistant, @Name, @json, @now)
                ON CONFLICT DO NOTHING
                """,
                new { assistant, settings.Name, json = Write(settings), now = time.GetUtcNow().ToUnixTimeMilliseconds() }));
        });
        if (added == 0)
            throw others >= ToolLimits.Servers
                ? OpenAiException.Conflict($"'{assistant}' has {others} servers of tools, which is the limit. Delete one first.", "too_many_servers")
                : OpenAiException.Conflict($"'{assistant}' has a server '{settings.Name}' already. Choose another name, or change it.", "server_exists");
    }

    public Task ChangeAsync(string assistant, ToolServerSettings settings) => database.WriteAsync(connection => connection.Execute(
        "UPDATE tool_servers SET settings = @json WHERE assistant = @assistant AND name = @Name", new { assistant, settings.Name, json = Write(settings) }));

    /// <summary>Whether there was one.</summary>
    public async Task<bool> RemoveAsync(string assistant, string name) => await database.WriteAsync(connection =>
        connection.Execute("DELETE FROM tool_servers WHERE assistant = @assistant AND name = @name", new { assistant, name })) > 0;

    private static ToolServerSettings Read(string json) => JsonSerializer.Deserialize(json, StoredServerJson.Stored.ToolServerSettings)!;

    private static string Write(ToolServerSettings settings) => JsonSerializer.Serialize(settings, StoredServerJson.Stored.ToolServerSettings);
}
