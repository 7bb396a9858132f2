using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Templates;

namespace FineTuneChat.Chat.Replies;

/// <summary>The tags of reasoning.</summary>
public static class ReasoningTags
{
    internal const string Start = "<think>";
    internal const string End = "</think>";

    /// <summary>Texts that may be control tokens of a model; in a reply they are text.</summary>
    public static IReadOnlyList<string> Markers => [Start, End];

    /// <summary>What a prompt means for the reasoning of its reply.</summary>
    public static ReasoningStart StartOf(ChatTemplate template, RenderedPrompt prompt)
    {
        var marked = new MarkedText(prompt);
        string opening = prompt.Text[marked.DataEnd(marked.Length)..]; // what clients write opens nothing
        int opened = opening.LastIndexOf(Start, StringComparison.Ordinal);
        int closed = opening.LastIndexOf(End, StringComparison.Ordinal);
        if (opened > closed)
            return ReasoningStart.Open;
        return closed < 0 && template.Source.Contains(End, StringComparison.Ordinal) ? ReasoningStart.Possible : ReasoningStart.None;
    }
}
