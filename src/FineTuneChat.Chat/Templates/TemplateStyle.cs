using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Templates;

/// <summary>
/// What a template expects where templates differ. Nothing in a template declares it, so it is found by rendering
/// short conversations with a mark in them and looking for the mark.
/// </summary>
internal sealed record TemplateStyle
{
    private const string Mark = "needle";

    // The conversations are short; a template that needs more for them is not worth the wait.
    private static readonly TemplateLimits Probing = TemplateLimits.Default with { Steps = 200_000, BuiltText = 1 << 24, Time = TimeSpan.FromSeconds(1) };

    /// <summary>Arguments of a tool call are JSON text, not a dict: the template would fail on a dict, or not write it as JSON.</summary>
    public bool ArgumentsAreText { get; init; }

    /// <summary>The content beside tool calls may be none; otherwise it is an empty text.</summary>
    public bool AllowsNoContent { get; init; } = true;

    /// <summary>Absent tools are none, as transformers passes them; otherwise an empty list.</summary>
    public bool AbsentToolsAreNone { get; init; } = true;

    /// <summary>System messages are written; otherwise their text goes before that of the next user's message.</summary>
    public bool WritesSystem { get; init; } = true;

    /// <summary>Tool calls of the assistant are written at all.</summary>
    public bool WritesToolCalls { get; init; } = true;

    public static TemplateStyle Find(ChatTemplate template)
    {
        var style = new TemplateStyle();
        template = template.WithLimits(Probing);
        if (!Writes(template, style, Mark, User(Mark)))
            style = style with { AbsentToolsAreNone = !Writes(template, style with { AbsentToolsAreNone = false }, Mark, User(Mark)) };
        style = style with { WritesSystem = Writes(template, style, Mark, new ChatMessage(ChatRole.System, Mark), User("?")) };
        TemplateStyle[] toolStyles =
        [
            style,
            style with { AllowsNoContent = false },
            style with { ArgumentsAreText = true },
            style with { ArgumentsAreText = true, AllowsNoContent = false },
        ];
        string[] marks = [$"\"{Mark}\"", $">{Mark}<", $"={Mark}>"]; // as JSON, or in tags
        return marks.Select(mark => Array.Find(toolStyles, candidate => WritesCall(template, candidate, mark))).FirstOrDefault(found => found is not null)
            ?? style with { AllowsNoContent = false, WritesToolCalls = false };
    }

    /// <summary>Some templates write a call only when its result is there, others take no results here; some write the word None for no content.</summary>
    private static bool WritesCall(ChatTemplate template, TemplateStyle style, string mark) =>
        (Writes(template, style, mark, User("?"), CallingMessage()) || Writes(template, style, mark, User("?"), CallingMessage(), Result))
        && !(style.AllowsNoContent && (WordsOfNone(template, style) > WordsOfNone(template, style with { AllowsNoContent = false })));

    private static int WordsOfNone(ChatTemplate template, TemplateStyle style) =>
        (Render(template, style, User("?"), CallingMessage(), Result) ?? Render(template, style, User("?"), CallingMessage()) ?? "").Split("None").Length;

    // Some templates insist on ids of nine characters.
    private static ChatMessage CallingMessage() =>
        new(ChatRole.Assistant, null) { ToolCalls = [new ChatToolCall("call12345", "f", $$"""{"{{Mark}}": 1}""")] };

    private static ChatMessage Result { get; } = new(ChatRole.Tool, "!") { ToolCallId = "call12345" };

    private static ChatMessage User(string text) => new(ChatRole.User, text);

    private static bool Writes(ChatTemplate template, TemplateStyle style, string mark, params ReadOnlySpan<ChatMessage> messages) =>
        Render(template, style, messages)?.Contains(mark, StringComparison.Ordinal) == true;

    /// <summary>Null when the template fails.</summary>
    private static string? Render(ChatTemplate template, TemplateStyle style, params ReadOnlySpan<ChatMessage> messages)
    {
        try
        {
            return template.RenderAsGiven(messages.ToArray(), tools: null, addGenerationPrompt: true, variables: null, style).Text;
        }
        catch (TemplateException)
        {
            return null;
        }
    }
}
