using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Tests.Support;

internal static class Exchanges
{
    public static Exchange Of(string id, (string Role, string Content)[] messages, string answer, string? conversation = null, string? finish = "stop") => new()
    {
        Request = new ChatCompletionRequest { Model = "assistant", Temperature = 0.5, Messages = [.. messages.Select(m => Message(m.Role, m.Content))] },
        Reply = new Reply { CompletionId = id, Messages = [Message("assistant", answer)], FinishReason = finish },
        ConversationId = conversation,
        Assistant = "assistant",
        Version = 0,
        Model = "assistant@0",
        StartedAt = DateTimeOffset.UtcNow,
        Duration = TimeSpan.FromMilliseconds(5),
    };

    public static RequestMessage Message(string role, string content) => new() { Role = role, Content = content };
}
