using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway;

/// <summary>Section <c>Server</c>: where the gateway listens.</summary>
internal sealed class ServerSettings
{
    public const string Section = "Server";

    /// <summary>Addresses, separated by semicolons. Port 0 takes a free one.</summary>
    [Required]
    public string Urls { get; init; } = "http://127.0.0.1:1234";
}
