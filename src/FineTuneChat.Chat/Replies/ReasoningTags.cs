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

    /// <summary>A prompt whose reply has begun: what is written next goes on with the answer.</summary>
    /// <param name="prompt">The prompt, up to where the reply begins.</param>
    /// <param name="start">See <see cref="StartOf"/>.</param>
    /// <param name="reasoning">What was thought before; read only where the prompt has opened the reasoning.</param>
    /// <param name="answer">The answer so far.</param>
    public static RenderedPrompt WithAnswer(RenderedPrompt prompt, ReasoningStart start, string? reasoning, string? answer) =>
        (start == ReasoningStart.Open ? prompt.FollowedBy(reasoning ?? "", isTemplate: false).FollowedBy($"\n{End}\n\n", isTemplate: true) : prompt)
        .FollowedBy(answer ?? "", isTemplate: false);

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
