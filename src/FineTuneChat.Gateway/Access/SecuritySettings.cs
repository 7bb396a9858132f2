using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Access;

/// <summary>Section <c>Security</c>: who may talk to the gateway.</summary>
internal sealed class SecuritySettings
{
    public const string Section = "Security";

    /// <summary>
    /// Names, besides localhost and IP addresses, by which browsers may reach this server, and containers: <c>host.docker.internal</c>.
    /// </summary>
    public string[] AllowedHosts { get; init; } = [];

    /// <summary>
    /// Origins of other sites whose pages may call this server (<c>https://example.org</c>), and of desktop programs (<c>app://obsidian.md</c>,
    /// <c>tauri://localhost</c>). Where each window has an origin of its own, <c>vscode-webview://*</c> stands for all of a scheme.
    /// </summary>
    public string[] AllowedOrigins { get; init; } = [];

    public bool AllowsOrigin(string origin) => AllowedOrigins.Any(allowed => allowed.Equals(origin, StringComparison.OrdinalIgnoreCase)
        || (IsWholeScheme(allowed) && origin.StartsWith(allowed[..^1], StringComparison.OrdinalIgnoreCase)));

    /// <summary>All sites of the web cannot be meant.</summary>
    private static bool IsWholeScheme(string allowed) =>
        allowed.EndsWith("://*", StringComparison.Ordinal) && !allowed.StartsWith("http", StringComparison.OrdinalIgnoreCase);

    /// <summary>Ask for an API key on this machine, too. Where other machines can reach the server one is always asked for.</summary>
    public bool RequireKey { get; init; }

    /// <summary>Listen on other addresses than loopback without asking for keys, although anybody who reaches them may then read, rate and train.</summary>
    public bool AllowRemoteWithoutKey { get; init; }

    /// <summary>Largest request body in MiB.</summary>
    [Range(1, 1024)]
    public int MaxBodyMegabytes { get; init; } = 16;

    /// <summary>Requests that one client (its API key, or its address) may make in a minute; 0 = as many as it likes.</summary>
    [Range(0, 1_000_000)]
    public int RequestsPerMinute { get; init; }

    /// <summary>Requests of one client that may be under way at the same time, event streams included; 0 = as many as it likes.</summary>
    [Range(0, 100_000)]
    public int ConcurrentRequests { get; init; }
}
