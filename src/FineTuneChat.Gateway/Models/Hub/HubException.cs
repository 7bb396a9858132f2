namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>Why nothing came from a hub.</summary>
internal enum HubFault
{
    /// <summary>The name is none that a model can have, or it names several.</summary>
    Name,

    /// <summary>There is no such repository, revision, quantisation or file.</summary>
    NotFound,

    /// <summary>A token is needed, or this one is not enough.</summary>
    Denied,

    /// <summary>Something else is in the way on this machine: another download, another file of that name.</summary>
    Conflict,

    /// <summary>The disk has no room for it.</summary>
    NoSpace,

    /// <summary>The hub does not answer, or asks to come again later.</summary>
    Unreachable,

    /// <summary>What came is not what was announced, or no model.</summary>
    Broken,
}

/// <summary>A model could not be found or fetched; the message is for the user.</summary>
internal sealed class HubException(HubFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public HubFault Fault => fault;
}
