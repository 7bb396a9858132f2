using FineTuneChat.Gateway.Learning.Examples;

namespace FineTuneChat.Tests.Support;

/// <summary>Examples for tests of pure rules.</summary>
internal static class TestExamples
{
    /// <summary>An accepted correction without a reply of its own.</summary>
    public static Example Make(string id, params (string Role, string Content)[] messages) => new()
    {
        Id = id,
        CompletionId = null,
        ConversationId = null,
        Status = "accepted",
        Source = "correction",
        Split = null,
        Flags = [],
        CreatedAt = 1,
        UpdatedAt = 1,
        Messages = [.. messages.Select(m => Exchanges.Message(m.Role, m.Content))],
    };
}
