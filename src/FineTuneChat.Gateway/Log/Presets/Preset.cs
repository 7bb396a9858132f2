using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log.Presets;

/// <summary>A system prompt and parameters under a name, for chats to begin with. <c>updated_at</c> in Unix seconds.</summary>
internal sealed record Preset
{
    public required string Id { get; init; }
    public string Object => "preset";
    public required string Name { get; init; }

    /// <summary>The system prompt; empty for none.</summary>
    public required string System { get; init; }

    /// <summary>Model and sampling, as a chat request has them.</summary>
    [WireType(typeof(ChatCompletionRequest))] public required JsonElement Request { get; init; }
    public required long UpdatedAt { get; init; }
}

/// <summary>The body of <c>POST /api/presets</c>.</summary>
internal sealed record PresetRequest
{
    private const int MaxName = 80, MaxSystem = 100_000; // characters

    public string? Name { get; init; }
    public string? System { get; init; }
    [WireType(typeof(ChatCompletionRequest))] public JsonElement? Request { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public (string Name, string System, string Request) Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        string name = Name?.Trim() ?? "";
        if (name.Length is 0 or > MaxName)
            throw OpenAiException.InvalidRequest($"'name' must have 1 to {MaxName} characters.", "name");
        if (System?.Length > MaxSystem)
            throw OpenAiException.InvalidRequest($"'system' has {System.Length} characters; at most {MaxSystem} are allowed.", "system");
        string json = Request?.GetRawText() ?? "{}";
        ChatCompletionRequest request = RequestReader.Read(global::System.Text.Encoding.UTF8.GetBytes(json), OpenAiJson.Default.ChatCompletionRequest);
        SamplingValidator.Validate(request);
        if (request.Messages is not null)
            throw OpenAiException.InvalidRequest("A preset's 'request' has no messages; its prompt is 'system'.", "request");
        return (name, System ?? "", JsonSerializer.Serialize(request, OpenAiJson.Wire.ChatCompletionRequest));
    }
}
