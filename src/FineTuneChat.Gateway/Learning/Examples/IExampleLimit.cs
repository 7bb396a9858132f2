using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>How long an example may be.</summary>
internal interface IExampleLimit
{
    /// <summary>Whether its last turn alone takes more tokens than a run learns or the base reads: nothing of it could be learned.</summary>
    Task<bool> IsTooLongAsync(IReadOnlyList<RequestMessage> messages, JsonElement? tools, CancellationToken cancellation);
}
