namespace FineTuneChat.Gateway.Serving;

/// <summary>Data of the event <c>engine.state</c>.</summary>
internal sealed record EngineStateChange(string State, string Model);
