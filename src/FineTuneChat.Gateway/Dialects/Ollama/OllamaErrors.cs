using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>Errors in Ollama's words: <c>{"error":"text"}</c>.</summary>
internal static class OllamaErrors
{
    public static ErrorShape Shape { get; } = new ErrorShape<OllamaErrorBody>(e => new(e.Message), OllamaJson.Wire.OllamaErrorBody);
}
