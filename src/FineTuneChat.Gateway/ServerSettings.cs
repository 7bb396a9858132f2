using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway;

/// <summary>Section <c>Server</c>: where the gateway listens, and who is shown its page.</summary>
internal sealed class ServerSettings
{
    public const string Section = "Server";
    public const string Auto = "auto", On = "on", Off = "off";

    /// <summary>Addresses, separated by semicolons. Port 0 takes a free one.</summary>
    [Required]
    public string Urls { get; init; } = "http://127.0.0.1:1234";

    /// <summary>Whether the start opens the page in the browser; auto = on a desktop, when there is no terminal to read the address from.</summary>
    [AllowedValues(Auto, On, Off)]
    public string OpenBrowser { get; init; } = Auto;
}
