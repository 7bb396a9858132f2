namespace FineTuneChat.Datasets.Messages;

/// <summary>Who speaks.</summary>
public enum ChatRole
{
    /// <summary>Instructions that hold for the whole conversation (OpenAI's <c>developer</c> is the same).</summary>
    System,

    /// <summary>The human, or the program that stands for one.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>What a tool answered.</summary>
    Tool,
}

/// <summary>Role names as they are written in requests and templates.</summary>
public static class ChatRoles
{
    /// <summary>The names that <see cref="TryParse"/> knows, for error messages.</summary>
    public const string Allowed = "system, developer, user, assistant, tool";

    /// <summary>Reads a role's name; <c>developer</c> becomes <see cref="ChatRole.System"/>. False for any other text.</summary>
    public static bool TryParse(string? name, out ChatRole role)
    {
        (role, bool known) = name switch
        {
            "system" or "developer" => (ChatRole.System, true),
            "user" => (ChatRole.User, true),
            "assistant" => (ChatRole.Assistant, true),
            "tool" => (ChatRole.Tool, true),
            _ => (default, false),
        };
        return known;
    }

    /// <summary>The name that templates see: <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</summary>
    public static string Name(this ChatRole role) => role switch
    {
        ChatRole.System => "system",
        ChatRole.User => "user",
        ChatRole.Assistant => "assistant",
        ChatRole.Tool => "tool",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, $"Allowed: {Allowed}."),
    };
}
