using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Templates;

/// <summary>Origins of text that is looked for in the rendered prompt: what is to be learned, and system messages.</summary>
internal static class ReplyOrigin
{
    /// <summary>The reply's content, and its calls of tools.</summary>
    public const Origin Content = Origin.Data + 1;

    /// <summary>The reasoning before it.</summary>
    public const Origin Reasoning = Origin.Data + 2;

    private const int FirstSystem = (int)Origin.Data + 3, SystemOrigins = 200;

    /// <summary>The text of the system message at an index, so that it is noticed when a template does not write it.</summary>
    public static Origin System(int index) => (Origin)(FirstSystem + (index % SystemOrigins));

    /// <summary>Text of others than the reply that is to be learned.</summary>
    public static bool IsGiven(Origin origin) => origin == Origin.Data || (int)origin >= FirstSystem;
}
