using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Models;

/// <summary>How each model was last said to be loaded, by its name.</summary>
internal sealed class LoadOptionStore(Database database)
{
    private static readonly LoadOptionsJson Json = new(ApiJson.Options());

    private readonly Lazy<ConcurrentDictionary<string, LoadOptions>> _known = new(() => new(database.Read(connection =>
        connection.Query<(string Model, string Options)>("SELECT model, options FROM model_options")
            .Select(row => KeyValuePair.Create(row.Model, JsonSerializer.Deserialize(row.Options, Json.LoadOptions)!)))));

    /// <summary>Null where the settings hold.</summary>
    public LoadOptions? Of(string model) => _known.Value.GetValueOrDefault(model);

    public async Task SetAsync(string model, LoadOptions options)
    {
        if (options.IsEmpty)
        {
            await database.WriteAsync(connection => connection.Execute("DELETE FROM model_options WHERE model = @model", new { model }));
            _known.Value.TryRemove(model, out _);
            return;
        }
        string json = JsonSerializer.Serialize(options, Json.LoadOptions);
        await database.WriteAsync(connection => connection.Execute(
            "INSERT INTO model_options (model, options) VALUES (@model, @json) ON CONFLICT (model) DO UPDATE SET options = @json", new { model, json }));
        _known.Value[model] = options;
    }
}

/// <summary>JSON of what is stored.</summary>
[JsonSerializable(typeof(LoadOptions))]
internal sealed partial class LoadOptionsJson : JsonSerializerContext;
