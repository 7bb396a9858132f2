using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Encoding;

/// <summary>Finds a reply in a conversation that was rendered with it, where its characters are marked.</summary>
internal sealed class ReplyFinder(TextEncoder encoder, Func<int, bool> isEnd)
{
    private const string ThinkStart = "<think>";
    private const string ThinkEnd = "</think>";

    /// <param name="prompt">The conversation before the reply, with the generation prompt.</param>
    /// <param name="rendered">The conversation up to and with the reply.</param>
    /// <param name="start">Where the reply begins in it; see <see cref="ReplyStart"/>.</param>
    /// <param name="message">The reply.</param>
    /// <param name="trainReasoning">Whether reasoning is a target too.</param>
    public ReplyParts Find(MarkedText prompt, MarkedText rendered, int start, ChatMessage message, bool trainReasoning)
    {
        trainReasoning &= !string.IsNullOrEmpty(message.Reasoning);
        (int Start, int End)? reply = rendered.Reply();

        // 1. The end: the first token behind the reply that ends a turn. Without one, the reply's last character; of tool calls,
        // what the template writes to close them too.
        int replyEnd = Math.Max(start, reply?.End ?? 0);
        Fragment end = encoder.Split(rendered).Find(fragment => fragment.Start >= replyEnd && fragment.Token is { } token && isEnd(token));
        bool endsTurn = end.Length > 0;
        int stop = endsTurn ? end.End : message.ToolCalls.Count > 0 ? Math.Max(replyEnd, rendered.Text.TrimEnd().Length) : replyEnd;

        // 2. Reasoning that the template wrote before the reply.
        int replyStart = Math.Max(start, reply?.Start ?? (endsTurn ? end.Start : stop));
        int thought = rendered.Text[start..replyStart].LastIndexOf(ThinkEnd, StringComparison.Ordinal);
        int split = thought < 0 || trainReasoning ? start : SkipSpaces(rendered.Text, start + thought + ThinkEnd.Length, replyStart);
        MarkedText context = rendered.Slice(start, split);
        MarkedText target = rendered.Slice(split, stop);

        // 3. Reasoning that it did not write, though the prompt opens it or it is to be trained on.
        if (thought < 0 && Unwritten(prompt, message.Reasoning, trainReasoning) is { } unwritten)
            (context, target) = trainReasoning ? (context, unwritten.Add(target)) : (unwritten, target);
        return new ReplyParts(prompt, context, target, endsTurn, IsEmpty: reply is null);
    }

    private static MarkedText? Unwritten(MarkedText prompt, string? reasoning, bool trainReasoning)
    {
        // Only behind the last message: what clients write opens nothing.
        string opening = prompt.Text[prompt.DataEnd(prompt.Length)..];
        int opened = opening.LastIndexOf(ThinkStart, StringComparison.Ordinal);
        int closed = opening.LastIndexOf(ThinkEnd, StringComparison.Ordinal);
        if (closed > opened || (opened < 0 && !trainReasoning))
            return null;
        return MarkedText.Of(opened < 0 ? ThinkStart + "\n" : "", Origin.Template)
            .Add(MarkedText.Of(reasoning ?? "", ReplyOrigin.Reasoning))
            .Add(MarkedText.Of("\n" + ThinkEnd + "\n\n", Origin.Template));
    }

    private static int SkipSpaces(string text, int at, int end)
    {
        while (at < end && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }
}
