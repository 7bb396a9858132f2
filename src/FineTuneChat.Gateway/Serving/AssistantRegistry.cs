using System.Collections.Concurrent;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>All assistants, with their settings in the database. The first one is always there.</summary>
internal sealed class AssistantRegistry
{
    private const string Select =
        """
        SELECT name AS id, title, avatar AS letter, base, system, request, vector_store_ids, created_at FROM assistants
        WHERE deleted_at IS NULL ORDER BY created_at, name
        """;

    private readonly BaseModel _own;
    private readonly ModelCatalog _catalog;
    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly Func<Assistant, VersionStore> _versions;
    private readonly ConcurrentDictionary<string, Assistant> _all = new(StringComparer.Ordinal);

    /// <param name="own">The model that the server was started with.</param>
    /// <param name="catalog">The other ones.</param>
    /// <param name="database">Where the settings are.</param>
    /// <param name="folder">For the versions.</param>
    /// <param name="settings">How many of these are kept.</param>
    /// <param name="time">For what is made.</param>
    /// <param name="logger">For the versions.</param>
    public AssistantRegistry(
        BaseModel own, ModelCatalog catalog, Database database, DataFolder folder, StorageSettings settings, TimeProvider time, ILogger<VersionStore> logger)
    {
        (_own, _catalog, _database, _time) = (own, catalog, database, time);
        _versions = assistant => new VersionStore(assistant, database, folder, settings, time, logger);
        Add(new() { Id = AssistantNames.Default });
        First.SetBase(own);
    }

    public Assistant First => _all[AssistantNames.Default];

    /// <summary>The first one, then the others as they came.</summary>
    public IReadOnlyList<Assistant> All => [.. _all.Values.OrderBy(a => a.Settings.CreatedAt).ThenBy(a => a.Id, StringComparer.Ordinal)];

    /// <summary>Those that the caller sees.</summary>
    public IReadOnlyList<Assistant> SeenBy(Caller caller) => [.. All.Where(a => caller.MayAsk(a.Id))];

    public Assistant? Find(string? id) => id is null ? null : _all.GetValueOrDefault(id);

    /// <exception cref="OpenAiException">404: there is none, or none that the caller sees.</exception>
    public Assistant Require(Caller caller, string id) =>
        caller.MayAsk(id) && Find(id) is { } assistant ? assistant : throw OpenAiException.NotFound("assistant", id);

    /// <summary>For verbs, which open the database without a server.</summary>
    /// <exception cref="UserException">There is no assistant of the id.</exception>
    public static void RequireKnown(Database database, string id)
    {
        string[] known = [.. database.Read(c => c.Query<AssistantSettings>(Select).ToArray()).Select(a => a.Id).Append(AssistantNames.Default).Distinct()];
        if (!known.Contains(id))
            throw new UserException($"There is no assistant '{id}'. There are {string.Join(", ", known)}.");
    }

    /// <summary>Reads what was made before.</summary>
    public async Task OpenAsync()
    {
        foreach (AssistantSettings settings in _database.Read(c => c.Query<AssistantSettings>(Select).ToArray()))
        {
            Assistant assistant = Find(settings.Id) ?? Add(settings);
            assistant.Settings = settings;
            if (assistant != First)
                await OpenBaseAsync(assistant);
        }
    }

    /// <exception cref="OpenAiException">409: the id is taken.</exception>
    public async Task<Assistant> CreateAsync(AssistantSettings settings)
    {
        settings = settings with { CreatedAt = _time.GetUtcNow().ToUnixTimeMilliseconds() };
        bool isNew = await _database.WriteAsync(c => c.Execute(
            """
            INSERT INTO assistants (name, title, avatar, base, system, request, vector_store_ids, created_at)
            VALUES (@Id, @Title, @Letter, @Base, @System, @Request, @VectorStoreIds, @CreatedAt)
            ON CONFLICT DO NOTHING
            """,
            settings)) > 0;
        if (!isNew)
            throw OpenAiException.Conflict($"There is an assistant '{settings.Id}' already. Choose another id.", "assistant_exists");
        Assistant assistant = Add(settings);
        await OpenBaseAsync(assistant);
        if (assistant.Problem is null)
            await assistant.Versions.OpenAsync();
        return assistant;
    }

    /// <summary>Keeps other settings. Another base is for <see cref="VersionSwitch"/> to take up.</summary>
    public async Task ChangeAsync(Assistant assistant, AssistantSettings settings)
    {
        await _database.WriteAsync(c => c.Execute(
            """
            INSERT INTO assistants (name, title, avatar, base, system, request, vector_store_ids, created_at)
            VALUES (@Id, @Title, @Letter, @Base, @System, @Request, @VectorStoreIds, @CreatedAt)
            ON CONFLICT (name) DO UPDATE SET title = @Title, avatar = @Letter, base = @Base, system = @System, request = @Request,
                vector_store_ids = @VectorStoreIds
            """,
            settings));
        bool isRebased = assistant.Settings.Base != settings.Base;
        assistant.Settings = settings;
        if (isRebased)
            await OpenBaseAsync(assistant);
    }

    /// <summary>From now on there is none of that id; what is of it is deleted after this, whatever happens in between.</summary>
    public async Task ForgetAsync(Assistant assistant)
    {
        await _database.WriteAsync(c => c.Execute(
            "UPDATE assistants SET deleted_at = @now WHERE name = @Id", new { assistant.Id, now = _time.GetUtcNow().ToUnixTimeMilliseconds() }));
        _all.TryRemove(assistant.Id, out _);
    }

    private Assistant Add(AssistantSettings settings) => _all.GetOrAdd(settings.Id, _ => new Assistant(settings, _versions));

    private async Task OpenBaseAsync(Assistant assistant)
    {
        if (assistant.Settings.Base is not { } name)
        {
            assistant.SetBase(_own);
            return;
        }
        try
        {
            if (_catalog.Find(name) is { } model)
                assistant.SetBase(await BaseModel.OpenAsync(model, _database));
            else
                assistant.SetBase(null, $"its base, the model '{name}', is not there any more. Put it back, or choose another base.");
        }
        catch (UserException e)
        {
            assistant.SetBase(null, e.Message);
        }
    }
}
