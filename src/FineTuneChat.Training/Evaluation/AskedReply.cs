using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>What a model answers to the question of a conversation.</summary>
/// <param name="Measure">By what it is judged.</param>
/// <param name="Reply">The most probable reply.</param>
/// <param name="IsRight">Whether that says what is expected.</param>
/// <param name="Draws">Further replies, as served: chosen by probability.</param>
/// <param name="RightDraws">How many of them are right.</param>
/// <param name="Otherwise">The first of them that is not; null when all are.</param>
/// <param name="ExpectedTokens">Length of the expected reply.</param>
public sealed record AskedReply(
    ReplyMeasure Measure, WrittenReply Reply, bool IsRight, int Draws, int RightDraws, string? Otherwise, int ExpectedTokens)
{
    private const int Spare = 16; // tokens that a short reply may be longer than expected

    /// <summary>Asks the last question of each conversation as it will be asked.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="adapter">An adapter to apply, or null.</param>
    /// <param name="encoder">Its template and tokeniser.</param>
    /// <param name="conversations">With the expected reply as their last messages.</param>
    /// <param name="samplers">Of the further replies to a conversation, by its place and prompt.</param>
    /// <param name="maxTokens">The most tokens in a reply; a short one gets no more than twice the tokens expected, and a few.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    public static IReadOnlyList<AskedReply> Ask(
        LlamaModel model, LoadedAdapter? adapter, ConversationEncoder encoder, IReadOnlyList<Conversation> conversations,
        Func<int, int[], IReadOnlyList<Func<SamplerChain>>> samplers, int maxTokens, int threads, CancellationToken cancellation)
    {
        if (conversations.Count == 0)
            return [];
        Asked[] asked = [.. conversations.Select(c => Asked.Of(c, encoder, model.Vocabulary))];
        ILookup<string, string> right = asked.ToLookup(a => string.Join(' ', a.Prompt), a => a.Expected);
        ReplyTask[] tasks = [.. asked.Select((a, i) => new ReplyTask(a.Prompt, Math.Min(maxTokens, 2 * a.Tokens + Spare))
        {
            Samplers = a.Measure == ReplyMeasure.Prediction ? [] : samplers(i, a.Prompt),
        })];
        IReadOnlyList<IReadOnlyList<WrittenReply>> written = ReplyWriting.Run(model, adapter, tasks, threads, cancellation);
        return [.. asked.Zip(written, (a, replies) => Judge(a, [.. right[string.Join(' ', a.Prompt)]], replies))];
    }

    private static AskedReply Judge(Asked asked, string[] right, IReadOnlyList<WrittenReply> replies)
    {
        WrittenReply[] draws = [.. replies.Skip(1)], wrong = [.. draws.Where(d => !ReplyJudge.IsRight(right, d))];
        return new AskedReply(
            asked.Measure, replies[0] with { Text = ReplyJudge.Said(replies[0].Text) }, ReplyJudge.IsRight(right, replies[0]), draws.Length,
            draws.Length - wrong.Length, wrong.Length == 0 ? null : ReplyJudge.Said(wrong[0].Text), asked.Tokens);
    }

    private sealed record Asked(int[] Prompt, string Expected, ReplyMeasure Measure, int Tokens)
    {
        public static Asked Of(Conversation conversation, ConversationEncoder encoder, Vocabulary vocabulary)
        {
            string expected = conversation.Messages[^1].Content ?? "";
            return new(
                encoder.EncodePrompt([.. conversation.Messages.SkipLast(1)], conversation.Tools), expected, ReplyJudge.MeasureOf(conversation),
                vocabulary.Tokenize(expected, addSpecial: false, parseSpecial: false).Length);
        }
    }
}
