using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>The body of <c>POST</c> and <c>PATCH /api/tools/servers</c>; what is left out stays as it is.</summary>
internal sealed partial record ToolServerRequest
{
    private const int MaxPairs = 64, MaxText = 4096; // characters of one text

    /// <summary>Of a new one: small letters, digits and hyphens; its tools are called <c>NAME__TOOL</c>.</summary>
    public string? Name { get; init; }

    /// <summary><c>builtin</c> (time, calculator), <c>stdio</c> (a program) or <c>http</c>; without it as <c>command</c> or <c>url</c> says.</summary>
    public string? Transport { get; init; }

    /// <summary>The program, by its name or path.</summary>
    public string? Command { get; init; }
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>Variables of its environment: set or changed; <c>null</c> takes one away. They are never shown again.</summary>
    public IReadOnlyDictionary<string, string?>? Env { get; init; }
    public string? Url { get; init; }

    /// <summary>Headers of each request: set or changed; <c>null</c> takes one away. They are never shown again.</summary>
    public IReadOnlyDictionary<string, string?>? Headers { get; init; }

    /// <summary>Whether its tools are offered.</summary>
    public bool? Enabled { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <summary>A new server.</summary>
    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public ToolServerSettings Create(bool allowsPrograms)
    {
        string name = Name ?? throw OpenAiException.MissingParameter("name");
        if (!AllowedName().IsMatch(name))
            throw OpenAiException.InvalidRequest("'name' must have 1 to 24 small letters, digits and hyphens, with a letter first.", "name");
        string transport = Transport ?? (Command is not null ? ToolServerSettings.Stdio
            : Url is not null ? ToolServerSettings.Http
            : name == ToolServerSettings.BuiltIn ? ToolServerSettings.BuiltIn
            : throw OpenAiException.InvalidRequest(
                "Give 'command' for a program, or 'url' for a server at an address.", "command", "missing_required_parameter"));
        return ApplyTo(new() { Name = name, Transport = transport }, allowsPrograms);
    }

    /// <summary>The settings as they become.</summary>
    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public ToolServerSettings ApplyTo(ToolServerSettings before, bool allowsPrograms)
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        if (Name is not null && Name != before.Name)
            throw OpenAiException.InvalidRequest("The 'name' of a server cannot be changed: its tools are called by it. Make a new one.", "name");
        if (Transport is not null && Transport != before.Transport)
            throw OpenAiException.InvalidRequest("The 'transport' of a server cannot be changed. Make a new one.", "transport");
        ToolServerSettings after = before with
        {
            Command = Command ?? before.Command,
            Args = Args ?? before.Args,
            Environment = Merge(before.Environment, Env, "env"),
            Url = Url ?? before.Url,
            Headers = Merge(before.Headers, Headers, "headers"),
            Enabled = Enabled ?? before.Enabled,
        };
        Check(after, allowsPrograms);
        return after;
    }

    private static void Check(ToolServerSettings after, bool allowsPrograms)
    {
        bool isProgram = after.Transport == ToolServerSettings.Stdio, isRemote = after.Transport == ToolServerSettings.Http;
        bool isBuiltIn = after.Transport == ToolServerSettings.BuiltIn;
        if (!isProgram && !isRemote && !isBuiltIn)
            throw OpenAiException.InvalidRequest($"'transport' is '{after.Transport}'; allowed: builtin, stdio, http.", "transport");
        if (isBuiltIn != (after.Name == ToolServerSettings.BuiltIn))
            throw OpenAiException.InvalidRequest(
                "The name 'builtin' is for the tools that FineTuneChat has itself, and for these alone: {\"name\":\"builtin\"}.", "name");
        if (!isProgram && (after.Command is not null || after.Args.Count > 0 || after.Environment.Count > 0))
            throw OpenAiException.InvalidRequest("'command', 'args' and 'env' are for programs ('transport': 'stdio').", "command");
        if (!isRemote && (after.Url is not null || after.Headers.Count > 0))
            throw OpenAiException.InvalidRequest("'url' and 'headers' are for servers at an address ('transport': 'http').", "url");
        if (isProgram && !allowsPrograms)
            throw OpenAiException.InvalidRequest(
                "This server starts no programs for tools (Tools:AllowPrograms). Use 'url' instead.", "command", "programs_not_allowed");
        if (isProgram && (string.IsNullOrWhiteSpace(after.Command) || after.Args.Prepend(after.Command).Any(text => !IsText(text))))
            throw OpenAiException.InvalidRequest(
                $"'command' must name a program, and 'args' be texts; each of up to {MaxText} characters, without a null character.", "command");
        if (after.Args.Count > MaxPairs)
            throw OpenAiException.InvalidRequest($"'args' takes up to {MaxPairs} texts.", "args");
        if (isRemote && !(Uri.TryCreate(after.Url, UriKind.Absolute, out Uri? url) && url is { Scheme: "http" or "https", UserInfo: "" }))
            throw OpenAiException.InvalidRequest("'url' must be an address such as https://example.org/mcp; a key goes into 'headers'.", "url");
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string?>? changes, string param)
    {
        var merged = new Dictionary<string, string>(before, StringComparer.Ordinal);
        foreach ((string name, string? value) in changes ?? new Dictionary<string, string?>())
        {
            if (!AllowedKey().IsMatch(name) || (value is not null && (!IsText(value) || value.AsSpan().ContainsAny('\r', '\n'))))
                throw OpenAiException.InvalidRequest(
                    $"'{param}' must hold names of letters, digits, '_', '-' and '.' with texts of up to {MaxText} characters in one line.", param);
            if (value is null)
                merged.Remove(name);
            else
                merged[name] = value;
        }
        if (merged.Count > MaxPairs)
            throw OpenAiException.InvalidRequest($"'{param}' takes up to {MaxPairs} pairs.", param);
        return merged;
    }

    private static bool IsText(string? text) => text is { Length: <= MaxText } && !text.Contains('\0');

    [GeneratedRegex("^[a-z][a-z0-9-]{0,23}$")]
    private static partial Regex AllowedName();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.-]{0,127}$")]
    private static partial Regex AllowedKey();
}
