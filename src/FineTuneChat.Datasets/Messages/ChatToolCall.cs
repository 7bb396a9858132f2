namespace FineTuneChat.Datasets.Messages;

/// <summary>A call of a function by the assistant.</summary>
/// <param name="Id">The id that the tool's answer refers to.</param>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">The arguments as JSON text, exactly as the model wrote them (so not always valid JSON).</param>
public sealed record ChatToolCall(string Id, string Name, string Arguments);
