using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Tools;

/// <summary>A tool of a server as models and people are told of it.</summary>
internal sealed record OfferedTool
{
    private const string Between = "__"; // no server's name has it
    private const int FingerprintBytes = 16;

    public required string Server { get; init; }

    /// <summary>What its server calls it.</summary>
    public required string Name { get; init; }
    public string? Title { get; init; }
    public required string Description { get; init; }

    /// <summary>JSON schema of its arguments.</summary>
    [WireType(typeof(object))] public required JsonElement Parameters { get; init; }

    /// <summary>The name that the model calls it by: no tool can pass for that of another server.</summary>
    public string Function => $"{Server}{Between}{Name}";

    /// <summary>Another one when the tool says other things of itself: who has allowed the former is asked again.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{Function}\n{Title}\n{Description}\n{Parameters.GetRawText()}")).AsSpan(0, FingerprintBytes));
}

/// <summary>A tool that is not offered.</summary>
/// <param name="Name">As its server calls it, as far as that can be shown.</param>
/// <param name="Reason">Why not.</param>
internal sealed record LeftOutTool(string Name, string Reason);

/// <summary>What a server has.</summary>
/// <param name="Tools">Those that are offered.</param>
/// <param name="LeftOut">Those that are not.</param>
internal sealed record ToolList(IReadOnlyList<OfferedTool> Tools, IReadOnlyList<LeftOutTool> LeftOut);
