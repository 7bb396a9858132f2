using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>A model id that can be asked for, and what serves it.</summary>
internal sealed record ServableModel(ModelObject Card, EngineSpecification Engine);

/// <summary>An engine that is loaded.</summary>
/// <param name="Id">The model id by which it is asked.</param>
/// <param name="Engine">What it serves.</param>
/// <param name="EndsAt">When it ends if nobody asks until then; null: it stays.</param>
internal sealed record LoadedEngine(string Id, EngineSpecification Engine, DateTimeOffset? EndsAt);
