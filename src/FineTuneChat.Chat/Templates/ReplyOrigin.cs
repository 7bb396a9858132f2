using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Templates;

/// <summary>Origins of the text that is to be learned, so that it is found again in the rendered prompt.</summary>
internal static class ReplyOrigin
{
    /// <summary>The reply's content, and its calls of tools.</summary>
    public const Origin Content = Origin.Data + 1;

    /// <summary>The reasoning before it.</summary>
    public const Origin Reasoning = Origin.Data + 2;
}
