using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>The tools that assistants have at this server, for requests that ask for them.</summary>
internal interface IAssistantTools
{
    /// <summary>
    /// The request with functions in the place of each <c>{"type":"mcp","server_label":"…"}</c> among its tools; the client runs their calls, as it runs those
    /// of its own.
    /// </summary>
    /// <exception cref="OpenAiException">400, 404: there is no such server; 502: it does not answer.</exception>
    Task<byte[]> PutIntoAsync(Caller caller, ChatCompletionRequest request, byte[] body, CancellationToken cancellation);
}
