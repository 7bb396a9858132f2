using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Tools.Servers;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Tools;

/// <summary>A server of tools as whoever has configured it sees it. Of secrets there are the names only.</summary>
internal sealed record ToolServerView
{
    public string Object => "tool_server";
    public required string Name { get; init; }
    [AllowedValues(ToolServerSettings.BuiltIn, ToolServerSettings.Stdio, ToolServerSettings.Http)] public required string Transport { get; init; }
    public required string? Command { get; init; }
    public required IReadOnlyList<string> Args { get; init; }

    /// <summary>Names of the variables that it is started with.</summary>
    public required IReadOnlyList<string> Env { get; init; }
    public required string? Url { get; init; }

    /// <summary>Names of the headers that it is asked with.</summary>
    public required IReadOnlyList<string> Headers { get; init; }

    /// <summary>Whether its tools are offered.</summary>
    public required bool Enabled { get; init; }

    public static ToolServerView Of(ToolServerSettings settings) => new()
    {
        Name = settings.Name,
        Transport = settings.Transport,
        Command = settings.Command,
        Args = settings.Args,
        Env = [.. settings.Environment.Keys],
        Url = settings.Url,
        Headers = [.. settings.Headers.Keys],
        Enabled = settings.Enabled,
    };
}

/// <summary>What a server has, as it was when it was asked.</summary>
/// <param name="Server">Its name.</param>
/// <param name="State">Whether it can be called.</param>
/// <param name="Problem">Why it cannot.</param>
/// <param name="Tools">Those that are offered.</param>
/// <param name="LeftOut">Those that are not.</param>
internal sealed record ServerTools(
    string Server, [property: AllowedValues(ServerTools.Ready, ServerTools.Failed, ServerTools.Off)] string State, string? Problem,
    IReadOnlyList<OfferedTool> Tools, IReadOnlyList<LeftOutTool> LeftOut)
{
    public const string Ready = "ready", Failed = "failed", Off = "off";

    public string Object => "tool_list";
}

/// <summary>The body of <c>POST /api/tools/call</c>.</summary>
internal sealed record ToolCallRequest
{
    public string? Server { get; init; }
    public string? Tool { get; init; }

    /// <summary>An object that follows the tool's schema.</summary>
    [WireType(typeof(object))] public JsonElement? Arguments { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it
}

/// <summary>What came of a call: the content of the message of the role <c>tool</c>.</summary>
/// <param name="Server">Whose tool it is.</param>
/// <param name="Tool">Its name there.</param>
/// <param name="IsError">Whether the tool says that it failed.</param>
/// <param name="Content">Its text.</param>
/// <param name="Truncated">Whether it was longer.</param>
internal sealed record ToolResult(string Server, string Tool, bool IsError, string Content, bool Truncated)
{
    public string Object => "tool_result";
}
