using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>How long an example may be.</summary>
internal interface IExampleLimit
{
    /// <summary>Whether its last turn alone takes more tokens than a run learns or the base reads: nothing of it could be learned.</summary>
    /// <param name="assistant">Who is to learn it: its prompt takes room, too.</param>
    /// <param name="messages">The example.</param>
    /// <param name="tools">Functions that could be called.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<bool> IsTooLongAsync(string assistant, IReadOnlyList<RequestMessage> messages, JsonElement? tools, CancellationToken cancellation);
}
