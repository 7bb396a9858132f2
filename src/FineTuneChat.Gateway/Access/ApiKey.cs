using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Access;

/// <summary>An API key without its secret, as lists show it. Times are Unix seconds.</summary>
internal sealed record ApiKey
{
    public required string Id { get; init; }
    public string Object => "api_key";
    public required string Name { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The assistants that it is for: to it there are no others. Null: all.</summary>
    public IReadOnlyList<string>? Assistants { get; init; }
    public required long CreatedAt { get; init; }
    public required long? RevokedAt { get; init; }

    /// <summary>The key itself: only in the answer that makes it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Key { get; init; }
}

/// <summary>The body of <c>POST /api/keys</c>.</summary>
internal sealed record ApiKeyRequest
{
    public string? Name { get; init; }
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Of those alone; null: of all.</summary>
    public IReadOnlyList<string>? Assistants { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <param name="known">The assistants that there are.</param>
    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public (string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string>? Assistants) Validate(IEnumerable<string> known)
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        if (string.IsNullOrWhiteSpace(Name))
            throw OpenAiException.InvalidRequest("'name' must say whose key it is.", "name");
        if (Scopes is not { Count: > 0 } || Scopes.Except(Access.Scopes.All).Any())
            throw OpenAiException.InvalidRequest($"'scopes' must be some of {string.Join(", ", Access.Scopes.All)}.", "scopes");
        if (Assistants is { Count: 0 } || Assistants?.Except(known).Any() == true)
            throw OpenAiException.InvalidRequest($"'assistants' must be some of {string.Join(", ", known)}; leave it out for all.", "assistants");
        if (Assistants is not null && Scopes.Contains(Access.Scopes.Admin))
            throw OpenAiException.InvalidRequest(
                "An admin's key may do everything: it cannot be for some assistants alone. Leave 'assistants' out.", "assistants");
        return (Name.Trim(), [.. Scopes.Distinct()], Assistants?.Distinct().ToArray());
    }
}
