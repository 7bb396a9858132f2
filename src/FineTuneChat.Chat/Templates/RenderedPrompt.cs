using System.Text;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Templates;

/// <summary>A piece of a prompt.</summary>
/// <param name="Text">The characters, never empty.</param>
/// <param name="IsTemplate">True for the template's own text, in which control tokens count; false for anything a client sent, in which they do not.</param>
public readonly record struct PromptSegment(string Text, bool IsTemplate);

/// <summary>What a chat template made of a conversation, knowing of each character whether the template wrote it or a client.</summary>
public sealed class RenderedPrompt
{
    private readonly RenderedText _rendered;

    internal RenderedPrompt(RenderedText rendered) => _rendered = rendered;

    /// <summary>The whole prompt.</summary>
    public string Text => _rendered.Text;

    /// <summary>The prompt in pieces, in order; neighbours differ in <see cref="PromptSegment.IsTemplate"/>.</summary>
    public IReadOnlyList<PromptSegment> Segments
    {
        get
        {
            var segments = new List<PromptSegment>();
            var piece = new StringBuilder();
            bool isTemplate = false;
            int at = 0;
            foreach (TextRun run in Runs)
            {
                if (piece.Length > 0 && isTemplate != (run.Origin == Origin.Template))
                {
                    segments.Add(new PromptSegment(piece.ToString(), isTemplate));
                    piece.Clear();
                }
                isTemplate = run.Origin == Origin.Template;
                piece.Append(Text, at, run.Length);
                at += run.Length;
            }
            if (piece.Length > 0)
                segments.Add(new PromptSegment(piece.ToString(), isTemplate));
            return segments;
        }
    }

    /// <summary>The same prompt with a text behind it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isTemplate">Whether control tokens count in it.</param>
    public RenderedPrompt FollowedBy(string text, bool isTemplate) => text.Length == 0 ? this : new(new RenderedText(
        Text + text, [.. Runs, new TextRun(text.Length, isTemplate ? Origin.Template : Origin.Data)]));

    internal IReadOnlyList<TextRun> Runs => _rendered.Runs;
}
