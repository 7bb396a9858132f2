using System.Text.Json.Serialization;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>OpenAI's error: all four keys always, code a string or null. The token counts are llama-server's extra.</summary>
internal sealed record OpenAiError
{
    public required string Message { get; init; }
    public required string Type { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? Param { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? Code { get; init; }
    public int? NPromptTokens { get; init; }
    public int? NCtx { get; init; }
}

/// <summary>The body around an error: <c>{"error":{…}}</c>.</summary>
internal sealed record OpenAiErrorBody(OpenAiError Error);
