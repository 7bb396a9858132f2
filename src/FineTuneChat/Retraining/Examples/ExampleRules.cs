using FineTuneChat.Conversations;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Retraining.Examples;

/// <summary>What a rating teaches: pure rules.</summary>
internal static class ExampleRules
{
    /// <summary>
    /// A reply rated up is learned as it is, a correction in its place; a thumbs down alone and a withdrawn rating teach nothing (null).
    /// A reply that would teach something bad (cut off, empty, written with tools at hand) is kept aside with a flag that says so.
    /// </summary>
    public static ExampleDraft? FromRating(LoggedExchange exchange, string? rating, string? correction)
    {
        if (correction is not null)
            return Draft(exchange, correction, "correction", [.. ToolFlags(exchange)]);
        if (rating != "up")
            return null;

        var flags = new List<string>(ToolFlags(exchange));
        if (exchange.FinishReason != FinishReasons.Stop)
            flags.Add("cut_off");
        if (string.IsNullOrWhiteSpace(exchange.Reply.Content))
            flags.Add("empty");
        return Draft(exchange, exchange.Reply.Content ?? "", "rating", [.. flags]);
    }

    /// <summary>Why these messages cannot be an example; null when they can.</summary>
    public static string? Problem(IReadOnlyList<RequestMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: "system" or "developer" or "user" or "assistant" or "tool" })
                return $"messages[{i}].role must be system, user, assistant or tool.";
            if (string.IsNullOrWhiteSpace(messages[i].Content))
                return $"messages[{i}].content is empty.";
        }
        if (messages.Count < 2 || messages[^1].Role != "assistant")
            return "An example needs a question and, as its last message, the assistant's wanted reply.";
        return null;
    }

    /// <summary>
    /// What a run learns of all accepted examples: of those with the same context a correction beats thumbs up, and the latest
    /// correction beats earlier ones; the same reply is learned once.
    /// </summary>
    public static IReadOnlyList<Example> Select(IEnumerable<Example> accepted) =>
    [
        .. accepted
            .GroupBy(e => Convert.ToHexString(MessagePath.Of(e.Messages)[^2]))
            .SelectMany(Resolve)
            .OrderBy(e => e.Id, StringComparer.Ordinal),
    ];

    private static IEnumerable<Example> Resolve(IEnumerable<Example> sameContext)
    {
        Example[] newestFirst = [.. sameContext.OrderByDescending(e => e.UpdatedAt).ThenByDescending(e => e.Id, StringComparer.Ordinal)];
        return newestFirst.FirstOrDefault(e => e.Source is "correction" or "edit") is { } correction
            ? [correction]
            : newestFirst.DistinctBy(e => e.Messages[^1].Content!.Trim());
    }

    private static ExampleDraft Draft(LoggedExchange exchange, string reply, string source, string[] flags) =>
        new([.. exchange.Prompt, new RequestMessage { Role = "assistant", Content = reply }], source, flags.Length == 0 ? ExampleStatus.Accepted : ExampleStatus.Excluded, flags);

    private static IEnumerable<string> ToolFlags(LoggedExchange exchange)
    {
        if (exchange.Request.Tools is not null || exchange.Reply.ToolCalls is not null || exchange.Prompt.Any(m => m.ToolCalls is not null || m.Role == "tool"))
            yield return "tools"; // the context was rendered with tool definitions, which examples do not hold yet
    }
}

/// <summary>An example to be stored.</summary>
internal sealed record ExampleDraft(RequestMessage[] Messages, string Source, string Status, string[] Flags);

internal static class ExampleStatus
{
    public const string Accepted = "accepted";
    public const string Excluded = "excluded";

    /// <summary>The rating that it came from is gone.</summary>
    public const string Withdrawn = "withdrawn";
}
