using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>How good the replies are that a model writes.</summary>
/// <param name="Replies">How many were written.</param>
/// <param name="ExactMatch">Share that says the expected, word for word.</param>
/// <param name="ValidJson">Of those that should be JSON: share that is; null when none should.</param>
/// <param name="FieldAccuracy">Of those: mean share of the fields that are right; null when none should.</param>
/// <param name="StopRate">Share that the model ended itself.</param>
public sealed record ReplyScores(int Replies, double ExactMatch, double? ValidJson, double? FieldAccuracy, double StopRate)
{
    /// <summary>Share of the expected replies that are JSON objects or arrays.</summary>
    public double JsonShare { get; init; }

    /// <summary>Mean tokens of a written reply; of one that was cut off as far as it came.</summary>
    public double Length { get; init; }

    /// <summary>Mean tokens of an expected reply.</summary>
    public double ExpectedLength { get; init; }
}

/// <summary>Lets a model answer by the same <c>llama_decode</c> that serves it, and compares with the replies of a dataset.</summary>
public static class ReplyEvaluation
{
    /// <summary>Writes the last reply of every conversation anew.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="adapter">An adapter to apply, or null.</param>
    /// <param name="encoder">Its template and tokeniser.</param>
    /// <param name="conversations">Those that end with a reply count.</param>
    /// <param name="maxTokens">The most tokens in a reply.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    public static ReplyScores Run(
        LlamaModel model, LoadedAdapter? adapter, ConversationEncoder encoder, IReadOnlyList<Conversation> conversations, int maxTokens, int threads,
        CancellationToken cancellation)
    {
        Conversation[] asked = [.. conversations.Where(EndsWithReply)];
        if (asked.Length == 0)
            return new ReplyScores(0, 0, null, null, 0);
        int[][] prompts = [.. asked.Select(c => encoder.EncodePrompt([.. c.Messages.SkipLast(1)], c.Tools))];
        return Score(model.Vocabulary, asked, GreedyReplies.Generate(model, adapter, prompts, maxTokens, threads, cancellation));
    }

    /// <summary>What replies that are written already are worth.</summary>
    /// <param name="vocabulary">Of the model that wrote them.</param>
    /// <param name="asked">Conversations that end with the expected reply.</param>
    /// <param name="replies">The written ones, in the same order.</param>
    public static ReplyScores Score(Vocabulary vocabulary, IReadOnlyList<Conversation> asked, IReadOnlyList<GreedyReply> replies)
    {
        if (asked.Count == 0)
            return new ReplyScores(0, 0, null, null, 0);
        var judged = asked.Zip(replies, (c, reply) => (Expected: c.Messages[^1].Content!.Trim(), Actual: reply.Text.Trim(), reply.Ended)).ToArray();
        var documents = judged.Select(r => (Expected: JsonFields.Of(r.Expected), Actual: JsonFields.Of(r.Actual))).Where(d => d.Expected is not null).ToArray();
        return new ReplyScores(
            judged.Length,
            judged.Average(r => r.Expected == r.Actual ? 1.0 : 0),
            documents.Length == 0 ? null : documents.Average(d => d.Actual is null ? 0.0 : 1),
            documents.Length == 0 ? null : documents.Average(d => JsonFields.Accuracy(d.Expected!, d.Actual)),
            judged.Average(r => r.Ended ? 1.0 : 0))
        {
            JsonShare = (double)documents.Length / judged.Length,
            Length = replies.Average(r => r.Tokens),
            ExpectedLength = asked.Average(c => vocabulary.Tokenize(c.Messages[^1].Content!, addSpecial: false, parseSpecial: false).Length),
        };
    }

    /// <summary>Whether a conversation ends with a reply that can be written anew.</summary>
    /// <param name="conversation">Any.</param>
    public static bool EndsWithReply(Conversation conversation) =>
        conversation.Messages.Count > 1 && conversation.Messages[^1] is { Role: ChatRole.Assistant, Content: not null, Weight: not 0 };
}
