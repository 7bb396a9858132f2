namespace FineTuneChat.Chat.Encoding;

/// <summary>Where a reply begins in a conversation that was rendered with it.</summary>
internal static class ReplyStart
{
    /// <summary>
    /// Behind the prompt, when the rendered conversation begins with it. Otherwise the template writes what precedes a reply in
    /// another way once the reply is there: then behind as much of the generation prompt as stands before the reply.
    /// </summary>
    /// <param name="rendered">The conversation up to and with the reply.</param>
    /// <param name="prompt">The conversation before the reply, with the generation prompt.</param>
    /// <param name="renderBare">Renders the conversation before the reply without the generation prompt.</param>
    public static int Find(MarkedText rendered, MarkedText prompt, Func<string> renderBare)
    {
        if (rendered.Text.StartsWith(prompt.Text, StringComparison.Ordinal))
            return prompt.Length;
        int end = rendered.Reply()?.Start ?? rendered.Length;
        int from = rendered.DataEnd(end);
        string before = rendered.Text[from..end];

        // 1. The generation prompt, or its beginning: the rest may be reasoning that is opened for the model only.
        string opening = GenerationPrompt(renderBare(), prompt.Text);
        for (int length = opening.Length; length > 0; length--)
        {
            if (EndsPart(opening, length) && before.LastIndexOf(opening[..length], StringComparison.Ordinal) is >= 0 and var at)
                return from + at + length;
        }

        // 2. Without a generation prompt: behind what ends the message before. 3. If that differs too, where the reply's own text begins.
        string ending = prompt.Text[prompt.DataEnd(prompt.Length)..];
        return before.StartsWith(ending, StringComparison.Ordinal) ? from + ending.Length : end;
    }

    private static string GenerationPrompt(string bare, string prompt)
    {
        int common = bare.AsSpan().CommonPrefixLength(prompt);
        while (common > 0 && common < bare.Length && !EndsPart(prompt, common))
            common--;
        return prompt[common..];
    }

    /// <summary>Whether a text can be cut there without cutting a control token or a line.</summary>
    private static bool EndsPart(string text, int length) => length == text.Length || text[length - 1] is '>' or ']' or ':' or '\n';
}
