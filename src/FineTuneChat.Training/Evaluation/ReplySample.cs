using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>A few of many conversations, whose last replies are short enough to be written anew in little time.</summary>
public static class ReplySample
{
    /// <summary>Spread over all that fit; the same ones each time, and for each model of the same vocabulary.</summary>
    /// <param name="conversations">To choose from.</param>
    /// <param name="encoder">The model's template and tokeniser.</param>
    /// <param name="vocabulary">The model's.</param>
    /// <param name="most">The most that are chosen.</param>
    /// <param name="maxTokens">The most tokens of a reply: one fits that takes at most half of them, so that one twice as long is seen whole.</param>
    /// <param name="longest">The most tokens of prompt and reply together.</param>
    /// <returns>None where none fits.</returns>
    public static IReadOnlyList<Conversation> Of(
        IReadOnlyList<Conversation> conversations, ConversationEncoder encoder, Vocabulary vocabulary, int most, int maxTokens, int longest)
    {
        Conversation[] fitting =
            [.. conversations.Where(c => ReplyEvaluation.EndsWithReply(c) && IsShort(c.Messages[^1].Content!) && Prompt(c) + maxTokens <= longest)];
        int chosen = Math.Min(most, fitting.Length);
        return [.. Enumerable.Range(0, chosen).Select(i => fitting[(int)((long)i * fitting.Length / chosen)])];

        bool IsShort(string reply) =>
            vocabulary.Tokenize(reply, addSpecial: false, parseSpecial: false).Length is > 0 and var length && 2 * length <= maxTokens;

        int Prompt(Conversation conversation) => encoder.EncodePrompt([.. conversation.Messages.SkipLast(1)], conversation.Tools).Length;
    }
}
