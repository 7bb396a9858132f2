using System.Text.Json.Serialization;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>A server of tools as it is configured. What is in <see cref="Environment"/> and <see cref="Headers"/> is secret: stored, never shown.</summary>
internal sealed record ToolServerSettings
{
    /// <summary>What the product has itself: time, calculator.</summary>
    public const string BuiltIn = "builtin";

    /// <summary>A program on this machine, asked by its standard input and output.</summary>
    public const string Stdio = "stdio";

    /// <summary>A server at an address (MCP's streamable HTTP).</summary>
    public const string Http = "http";

    private const int ShortestSecret = 4; // characters: shorter ones stand in any text

    public required string Name { get; init; }
    public required string Transport { get; init; }
    public string? Command { get; init; }
    public IReadOnlyList<string> Args { get; init; } = [];
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    public string? Url { get; init; }
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether its tools are offered.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>A text of the server, or about it, without the secrets that it was given.</summary>
    public string Redact(string text)
    {
        foreach (string secret in Environment.Values.Concat(Headers.Values.SelectMany(value => value.Split(' ')))
            .Where(value => value.Length >= ShortestSecret).OrderByDescending(value => value.Length))
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        return text;
    }
}

/// <summary>JSON of what is stored.</summary>
[JsonSerializable(typeof(ToolServerSettings))]
internal sealed partial class StoredServerJson : JsonSerializerContext
{
    public static StoredServerJson Stored { get; } = new(ApiJson.Options());
}
