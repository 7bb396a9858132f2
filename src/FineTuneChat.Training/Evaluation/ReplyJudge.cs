using FineTuneChat.Datasets;

namespace FineTuneChat.Training.Evaluation;

/// <summary>By what a written reply is judged.</summary>
public enum ReplyMeasure
{
    /// <summary>Its text: letter for letter, but for white space around it.</summary>
    Text,

    /// <summary>Its value: as the same JSON.</summary>
    Json,

    /// <summary>
    /// Not by what is written but by how well the expected is predicted: long prose, which nobody expects letter for letter, calls of functions, and replies
    /// that follow from reasoning.
    /// </summary>
    Prediction,
}

/// <summary>Whether a written reply says what is expected. Pure.</summary>
public static class ReplyJudge
{
    private const int LongestText = 200; // characters that are expected letter for letter
    private const string ReasoningEnd = "</think>";

    /// <summary>By what replies to a conversation are judged.</summary>
    /// <param name="conversation">With the expected reply as its last message.</param>
    public static ReplyMeasure MeasureOf(Conversation conversation) => conversation.Messages[^1] switch
    {
        { Content: null or "" } or { ToolCalls.Count: > 0 } or { Reasoning.Length: > 0 } => ReplyMeasure.Prediction,
        { Content: { } text } when JsonFields.Of(text) is not null => ReplyMeasure.Json,
        { Content.Length: > LongestText } => ReplyMeasure.Prediction,
        _ => ReplyMeasure.Text,
    };

    /// <summary>Whether a reply that the model ended itself says one of the expected.</summary>
    /// <param name="expected">Replies that are right: those of all conversations with the same question.</param>
    /// <param name="reply">What was written.</param>
    public static bool IsRight(IReadOnlyCollection<string> expected, WrittenReply reply)
    {
        string said = Said(reply.Text);
        return reply.Ended && expected.Any(e => e.Trim() == said || AreEqual(JsonFields.Of(e), JsonFields.Of(said)));
    }

    /// <summary>What a reader gets of a reply: without the reasoning before it.</summary>
    /// <param name="text">As it was written.</param>
    public static string Said(string text)
    {
        int end = text.LastIndexOf(ReasoningEnd, StringComparison.Ordinal);
        return (end < 0 ? text : text[(end + ReasoningEnd.Length)..]).Trim();
    }

    /// <summary>Whether a reply is a JSON object or array.</summary>
    /// <param name="text">What was written.</param>
    public static bool IsJson(string text) => JsonFields.Of(text) is not null;

    private static bool AreEqual(IReadOnlyDictionary<string, string>? expected, IReadOnlyDictionary<string, string>? actual) =>
        expected is not null && actual is not null && JsonFields.Accuracy(expected, actual) == 1;
}
