using System.Text.Json.Serialization;

namespace FineTuneChat.Protocol.Lists;

/// <summary>The answer to a DELETE.</summary>
internal sealed record Removed(string Id, string Object)
{
    [JsonPropertyName("deleted")]
    public bool IsDeleted => true;
}
