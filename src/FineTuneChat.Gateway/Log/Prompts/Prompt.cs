using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log.Prompts;

/// <summary>A message under a name, to be sent again and again. <c>updated_at</c> in Unix seconds.</summary>
internal sealed record Prompt
{
    public required string Id { get; init; }
    public string Object => "prompt";
    public required string Name { get; init; }

    /// <summary>Variables are <c>{{name}}</c> or <c>{{name:default}}</c>: who sends it fills them in.</summary>
    public required string Text { get; init; }
    public required long UpdatedAt { get; init; }
}

/// <summary>The body of <c>POST /api/prompts</c>.</summary>
internal sealed record PromptRequest
{
    private const int MaxName = 80, MaxText = 100_000; // characters

    public string? Name { get; init; }
    public string? Text { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public (string Name, string Text) Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        string name = Name?.Trim() ?? "";
        if (name.Length is 0 or > MaxName)
            throw OpenAiException.InvalidRequest($"'name' must have 1 to {MaxName} characters.", "name");
        if (string.IsNullOrWhiteSpace(Text) || Text.Length > MaxText)
            throw OpenAiException.InvalidRequest($"'text' must have 1 to {MaxText} characters, and not spaces only.", "text");
        return (name, Text);
    }
}
