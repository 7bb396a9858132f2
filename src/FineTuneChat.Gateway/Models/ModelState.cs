using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Models;

/// <summary>What an engine does with a model.</summary>
internal static class ModelState
{
    public const string Unloaded = "unloaded", Loading = "loading", Loaded = "loaded", Failed = "failed";
}

/// <summary>Data of the event <c>model.state</c>.</summary>
/// <param name="Name">The local model's.</param>
/// <param name="State">One of <see cref="ModelState"/>.</param>
/// <param name="Problem">Why it has failed.</param>
internal sealed record ModelStateChange(string Name, string State, string? Problem);

/// <summary>JSON of the event.</summary>
[JsonSerializable(typeof(ModelStateChange))]
internal sealed partial class ModelStateJson : JsonSerializerContext
{
    public static ModelStateJson Wire { get; } = new(ApiJson.Options());
}
