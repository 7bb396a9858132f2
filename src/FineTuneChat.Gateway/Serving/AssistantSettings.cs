using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Serving;

/// <summary>What a user has said of an assistant, and what follows from it for a request: its prompt and its sampling defaults.</summary>
internal sealed record AssistantSettings
{
    private const string Messages = "messages", Content = "content";
    private static readonly string[] Limits = ["max_completion_tokens", "max_tokens"]; // two names of one thing

    public required string Id { get; init; }

    /// <summary>As people read it; empty: the id.</summary>
    public string Title { get; init; } = "";

    /// <summary>A letter; empty: the first one of the name.</summary>
    public string Letter { get; init; } = "";

    /// <summary>A local model's name; null: the model that the server was started with.</summary>
    public string? Base { get; init; }

    /// <summary>The system prompt; empty for none.</summary>
    public string System { get; init; } = "";

    /// <summary>JSON: sampling defaults, as a chat request has them.</summary>
    public string Request { get; init; } = "{}";

    /// <summary>JSON: the collections of documents that it looks things up in.</summary>
    public string VectorStoreIds { get; init; } = "[]";

    public IReadOnlyList<string> VectorStores => StoredJson.Texts(VectorStoreIds);

    /// <summary>How it folds talks that outgrow the context; null: as the request and the settings say.</summary>
    public string? Truncation => (string?)JsonNode.Parse(Request)!["truncation"];

    /// <summary>Unix milliseconds; 0: it was always there.</summary>
    public long CreatedAt { get; init; }

    public string Name => Title.Length > 0 ? Title : Id;

    public string Avatar => Letter.Length > 0 ? Letter : StringInfo.GetNextTextElement(Name).ToUpperInvariant();

    /// <summary>A chat request as the engine is to see it. What is logged, and learned from, is the client's own.</summary>
    public byte[] PutInto(byte[] body)
    {
        if (System.Length == 0 && Request == "{}")
            return body;
        JsonObject request = JsonNode.Parse(body)!.AsObject();
        bool isLimited = Limits.Any(name => request[name] is not null);
        foreach ((string name, JsonNode? value) in JsonNode.Parse(Request)!.AsObject())
            if (request[name] is null && !(isLimited && Limits.Contains(name)))
                request[name] = value?.DeepClone();
        if (request[Messages] is JsonArray messages)
            PutSystem(messages);
        return Encoding.UTF8.GetBytes(request.ToJsonString(RelaxedJson.Options));
    }

    /// <summary>A row of a dataset as the engine would see its conversation: an assistant is trained and measured as it is asked.</summary>
    public string PutIntoRow(string row)
    {
        if (System.Length == 0)
            return row;
        JsonNode parsed = JsonNode.Parse(row)!;
        PutSystem(parsed[Messages]!.AsArray());
        return parsed.ToJsonString(RelaxedJson.Options);
    }

    /// <summary>The assistant's prompt comes first; what the client says as the system follows it, in the same message: many templates know one only.</summary>
    private void PutSystem(JsonArray messages)
    {
        if (System.Length == 0)
            return;
        if (messages.FirstOrDefault() is not JsonObject first || (string?)first["role"] is not ("system" or "developer"))
            messages.Insert(0, new JsonObject { ["role"] = "system", [Content] = System });
        else if (first[Content] is JsonArray parts)
            parts.Insert(0, new JsonObject { ["type"] = "text", ["text"] = $"{System}\n\n" });
        else
            first[Content] = first[Content] is { } text ? $"{System}\n\n{text}" : System;
    }
}
