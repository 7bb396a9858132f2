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

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public (string Name, IReadOnlyList<string> Scopes) Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        if (string.IsNullOrWhiteSpace(Name))
            throw OpenAiException.InvalidRequest("'name' must say whose key it is.", "name");
        if (Scopes is not { Count: > 0 } || Scopes.Except(Access.Scopes.All).Any())
            throw OpenAiException.InvalidRequest($"'scopes' must be some of {string.Join(", ", Access.Scopes.All)}.", "scopes");
        return (Name.Trim(), [.. Scopes.Distinct()]);
    }
}
