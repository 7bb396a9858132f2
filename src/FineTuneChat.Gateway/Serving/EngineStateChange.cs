namespace FineTuneChat.Gateway.Serving;

/// <summary>Data of the event <c>engine.state</c>.</summary>
/// <param name="State">What it does now.</param>
/// <param name="Model">What it serves.</param>
/// <param name="Assistant">For whom.</param>
internal sealed record EngineStateChange(string State, string Model, string Assistant);
