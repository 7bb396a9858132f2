using System.ComponentModel.DataAnnotations;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>
/// Section <c>Upstream</c>: a server elsewhere that answers for the assistants. None unless one is named: then this machine's engines do, and nothing
/// leaves it.
/// </summary>
internal sealed class UpstreamSettings
{
    public const string Section = "Upstream";
    public const string OpenAi = "openai", Vllm = "vllm";

    /// <summary>An OpenAI-compatible server, with or without its <c>/v1</c>. Empty: none.</summary>
    [RegularExpression(Address, ErrorMessage = "must be empty, or begin with http:// or https://")]
    public string Url { get; init; } = "";

    /// <summary>Further replicas of it, which serve the same.</summary>
    public string[] Urls { get; init; } = [];

    /// <summary>Its API key, best given as <c>FINETUNECHAT__Upstream__Key</c>.</summary>
    public string Key { get; init; } = "";

    /// <summary><c>openai</c>: it answers as it is. <c>vllm</c>: it takes adapters at run time, so versions are served there.</summary>
    [AllowedValues(OpenAi, Vllm)]
    public string Kind { get; init; } = OpenAi;

    /// <summary>The model's id there; empty: the only one that it lists.</summary>
    public string Model { get; init; } = "";

    /// <summary>The name of the base that is served there, where the server does not say so itself. Adapters of another base are refused.</summary>
    public string Base { get; init; } = "";

    /// <summary>The assistants that it answers for, by their ids; empty: all.</summary>
    public string[] Assistants { get; init; } = [];

    /// <summary>A folder that this machine and the server share, for adapters; empty: <c>adapters</c> in <c>Storage:Folder</c>.</summary>
    public string AdapterFolder { get; init; } = "";

    /// <summary>What the server calls that folder; empty: the same.</summary>
    public string AdapterFolderThere { get; init; } = "";

    /// <summary>Requests that one replica is given at a time. As many as <c>Engine:MaxQueue</c> wait, further ones are refused.</summary>
    [Range(1, 100_000)]
    public int Parallel { get; init; } = 64;

    /// <summary>How long it may be silent: before a reply, and between two parts of one.</summary>
    [Range(1, 3600)]
    public int TimeoutSeconds { get; init; } = 300;

    /// <summary>Whether one is named.</summary>
    public bool IsNamed => Url.Length > 0 || Urls.Length > 0;

    public bool TakesAdapters => Kind == Vllm;

    private const string Address = "https?://.+";

    /// <summary>The replicas' addresses, each up to its <c>/v1</c>, which is left out.</summary>
    /// <exception cref="UserException">One is no address.</exception>
    public Uri[] Addresses() => [.. Urls.Prepend(Url).Where(url => url.Length > 0).Select(url => Root(url, $"{Section}:Urls")).Distinct()];

    /// <summary>A server's address, up to its <c>/v1</c>, which is left out.</summary>
    /// <exception cref="UserException">It is none.</exception>
    public static Uri Root(string url, string setting)
    {
        string root = url.TrimEnd('/');
        if (root.EndsWith("/v1", StringComparison.Ordinal))
            root = root[..^3];
        return Uri.TryCreate(root + "/", UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? address
            : throw new UserException($"Setting {setting} has '{url}', which is no address. It must begin with http:// or https://.");
    }
}
