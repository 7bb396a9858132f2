using System.Text.Json;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>Has tools and runs them: a program, a server at an address, or what is built in.</summary>
internal interface IToolServer : IAsyncDisposable
{
    /// <summary>Its tools; starts it where it does not run.</summary>
    /// <exception cref="ToolServerException">They cannot be had.</exception>
    Task<ToolList> ListAsync(CancellationToken cancellation);

    /// <summary>Runs one of its tools.</summary>
    /// <exception cref="ToolServerException">There is no result.</exception>
    Task<ToolOutput> CallAsync(string tool, JsonElement arguments, CancellationToken cancellation);
}

/// <summary>What came of a call.</summary>
/// <param name="Text">As the server wrote it, of any length.</param>
/// <param name="IsError">Whether the tool itself says that it failed.</param>
internal sealed record ToolOutput(string Text, bool IsError);
