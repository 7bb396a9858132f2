using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Models;

/// <summary>What an engine does with a model.</summary>
internal static class ModelState
{
    public const string Unloaded = "unloaded", Loading = "loading", Loaded = "loaded", Failed = "failed";
}

/// <summary>Data of the event <c>model.state</c>.</summary>
/// <param name="Name">A local model's, or the id of a version that is tried beside the one in service.</param>
/// <param name="State">One of <see cref="ModelState"/>.</param>
/// <param name="Problem">Why it has failed.</param>
/// <param name="Progress">How much of the weights is there, from 0 to 1; null before the first is.</param>
internal sealed record ModelStateChange(string Name, string State, string? Problem, double? Progress);

/// <summary>JSON of the event.</summary>
[JsonSerializable(typeof(ModelStateChange))]
internal sealed partial class ModelStateJson : JsonSerializerContext
{
    public static ModelStateJson Wire { get; } = new(ApiJson.Options());
}
