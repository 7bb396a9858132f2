using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Tools;

/// <summary>Section <c>Tools</c>: what servers of tools may take. How large a message of theirs may be at all is in <see cref="ToolLimits"/>.</summary>
internal sealed class ToolSettings
{
    public const string Section = "Tools";

    /// <summary>Whether servers may be programs that are started on this machine; otherwise they are reached over HTTP only.</summary>
    public bool AllowPrograms { get; init; } = true;

    /// <summary>Seconds that a server has to start and list its tools, and that a call may take.</summary>
    [Range(1, 3600)]
    public int CallSeconds { get; init; } = 60;

    /// <summary>Characters of a result that the model gets; what is longer is cut, and says so.</summary>
    [Range(100, 1_000_000)]
    public int MaxResultCharacters { get; init; } = 20_000;

    /// <summary>Tools of one server; further ones are left out.</summary>
    [Range(1, 128)]
    public int MaxTools { get; init; } = 64;

    public TimeSpan CallTime => TimeSpan.FromSeconds(CallSeconds);
}
