using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Assistants;

/// <summary>The body of <c>POST</c> and <c>PATCH /api/assistants</c>; what is left out stays as it is.</summary>
internal sealed record AssistantRequest
{
    private const int MaxName = 80, MaxSystem = 100_000; // characters
    private const int MaxStores = 20;

    /// <summary>Of the request itself, which an assistant cannot have by default.</summary>
    private static readonly string[] Never =
    [
        "messages", "model", "stream", "stream_options", "n", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "store", "metadata",
        "user",
    ];

    /// <summary>Of a new one: small letters, digits and hyphens.</summary>
    public string? Id { get; init; }

    /// <summary>Of a new one: another assistant, whose settings, examples and version in service it begins with.</summary>
    public string? From { get; init; }
    public string? Name { get; init; }

    /// <summary>A letter or an emoji; empty: the first letter of the name.</summary>
    public string? Avatar { get; init; }

    /// <summary>A local model's name; empty, and of a new one null: the model that the server was started with.</summary>
    public string? Base { get; init; }

    /// <summary>The system prompt; empty for none.</summary>
    public string? System { get; init; }

    /// <summary>Sampling defaults, as a chat request has them.</summary>
    [WireType(typeof(ChatCompletionRequest))] public JsonElement? Request { get; init; }
    public IReadOnlyList<string>? VectorStoreIds { get; init; }
    public LearningRequest? Learning { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <summary>The settings as they become.</summary>
    /// <param name="before">As they are.</param>
    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public AssistantSettings ApplyTo(AssistantSettings before)
    {
        if ((Unknown ?? Learning?.Unknown) is { Count: > 0 } unknown)
            throw OpenAiException.UnknownParameter(unknown.Keys.First());
        if (Name?.Trim().Length > MaxName)
            throw OpenAiException.InvalidRequest($"'name' must have at most {MaxName} characters.", "name");
        if (Avatar is not null && new StringInfo(Avatar.Trim()).LengthInTextElements > 1)
            throw OpenAiException.InvalidRequest("'avatar' must be a single letter or emoji.", "avatar");
        if (System?.Length > MaxSystem)
            throw OpenAiException.InvalidRequest($"'system' has {System.Length} characters; at most {MaxSystem} are allowed.", "system");
        if (VectorStoreIds?.Count > MaxStores)
            throw OpenAiException.InvalidRequest($"'vector_store_ids' names {VectorStoreIds.Count} vector stores; at most {MaxStores} are allowed.",
                "vector_store_ids");
        return before with
        {
            Title = Name?.Trim() ?? before.Title,
            Letter = Avatar?.Trim() ?? before.Letter,
            System = System ?? before.System,
            Request = Request is { } request ? Defaults(request) : before.Request,
            VectorStoreIds = VectorStoreIds is null ? before.VectorStoreIds : StoredJson.Array(VectorStoreIds.Distinct()),
            Base = Base is null ? before.Base : Base.Length > 0 ? Base : null,
        };
    }

    private static string Defaults(JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object)
            throw OpenAiException.InvalidRequest("'request' must be an object: sampling defaults, such as {\"temperature\":0.2}.", "request");
        foreach (JsonProperty property in request.EnumerateObject())
            if (Never.Contains(property.Name) && property.Value.ValueKind != JsonValueKind.Null)
                throw OpenAiException.InvalidRequest(
                    $"'request' cannot have '{property.Name}': it holds sampling defaults, which a chat request may override.", "request");
        ChatCompletionRequest read = RequestReader.Read(Encoding.UTF8.GetBytes(request.GetRawText()), OpenAiJson.Default.ChatCompletionRequest);
        SamplingValidator.Validate(read);
        Truncations.Validate(read.Truncation);
        return JsonSerializer.Serialize(read, OpenAiJson.Wire.ChatCompletionRequest);
    }
}

/// <summary>What of an assistant's learning can be set here.</summary>
internal sealed record LearningRequest
{
    /// <summary>Whether it trains by itself.</summary>
    public bool? Automatic { get; init; }

    // What GET shows besides; taken, so that a client may send back what it got.
    public int? Version { get; init; }
    public int? Versions { get; init; }
    public long? Examples { get; init; }
    public long? New { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it
}
