using System.Text.Json;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>What a rating teaches: pure rules.</summary>
internal static class ExampleRules
{
    private const string Rejection = "rejection";

    /// <summary>
    /// A reply rated up is learned as it is, a correction in its place; one rated down alone is made less likely; a withdrawn rating teaches nothing (null).
    /// A reply that would teach something bad (cut off, empty, written with tools at hand, with a secret in it) is kept aside with a flag that says so; rated
    /// down alone, it teaches nothing.
    /// </summary>
    public static ExampleDraft? FromRating(LoggedExchange exchange, string? rating, string? correction)
    {
        if (correction is null && rating is null)
            return null;
        IReadOnlyList<ToolCall>? calls = correction is null ? exchange.Reply.ToolCalls : null;
        var reply = new RequestMessage
        {
            Role = "assistant",
            Content = correction ?? exchange.Reply.Content ?? (calls is null ? "" : null),
            ToolCalls = calls,
            ReasoningContent = correction is null ? exchange.Reply.ReasoningContent : null, // what the reply follows from; context, not a target
        };
        RequestMessage[] messages = [.. exchange.Seen, reply];
        var flags = new List<string>();
        if (exchange.Request.Tools is not null || exchange.Reply.ToolCalls is not null || HasTools(messages))
            flags.Add(ExampleFlags.Tools);
        if (correction is null && exchange.FinishReason is not (FinishReasons.Stop or FinishReasons.ToolCalls))
            flags.Add(ExampleFlags.CutOff);
        if (string.IsNullOrWhiteSpace(reply.Content) && calls is null)
            flags.Add(ExampleFlags.Empty);
        if (correction is not null || rating == "up")
            return Draft(messages, exchange.Request.Tools, correction is null ? "rating" : "correction", flags);
        ExampleDraft rejected = Draft(messages, exchange.Request.Tools, Rejection, flags);
        return rejected.Flags.Length == 0 ? rejected with { Status = ExampleStatus.Unwanted } : null;
    }

    /// <summary>A question that is answered as a follow-up has asked for.</summary>
    public static ExampleDraft FromFollowUp(RequestMessage[] messages) => Draft(messages, tools: null, "follow_up", []);

    /// <summary>An example from a dataset: the last message is learned.</summary>
    public static ExampleDraft FromImport(RequestMessage[] messages, JsonElement? tools, IEnumerable<string> suspicious) =>
        Draft(messages, tools, "import", [.. tools is not null || HasTools(messages) ? (string[])[ExampleFlags.Tools] : [], .. suspicious]);

    /// <summary>
    /// The example as the user wants it (null: as it was). Without a word on its status an edit that brings a secret in is kept aside,
    /// and one that removes what was wrong is accepted. A reply rated down is not wanted unless it is edited: restored, it is that again.
    /// </summary>
    public static Example Change(Example example, string? status, IReadOnlyList<RequestMessage>? messages)
    {
        if (messages is null)
            return example with
            {
                Status = (status, example.Source) is (ExampleStatus.Accepted, Rejection) ? ExampleStatus.Unwanted : status ?? example.Status,
            };
        string[] flags = [.. example.Tools is not null || HasTools(messages) ? (string[])[ExampleFlags.Tools] : [], .. SecretRules.Find(messages)];
        string follows =
            flags.Except(example.Flags).Any() ? ExampleStatus.Excluded :
            example.Status == ExampleStatus.Unwanted ? ExampleStatus.Accepted :
            flags.Length == 0 && example is { Status: ExampleStatus.Excluded, Flags.Count: > 0 } ? ExampleStatus.Accepted :
            example.Status;
        return example with { Messages = messages, Source = "edit", Flags = flags, Status = status ?? follows };
    }

    /// <summary>Why these messages cannot be an example; null when they can.</summary>
    public static string? Problem(IReadOnlyList<RequestMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: "system" or "developer" or "user" or "assistant" or "tool" })
                return $"messages[{i}].role must be system, user, assistant or tool.";
            bool mayBeEmpty = messages[i] is { Role: "assistant", ToolCalls.Count: > 0 }
                or { Role: "tool", Content: not null }; // a function may have nothing to say
            if (string.IsNullOrWhiteSpace(messages[i].Content) && !mayBeEmpty)
                return $"messages[{i}].content is empty.";
        }
        if (messages.Count < 2 || messages[^1].Role != "assistant")
            return "An example needs a question and, as its last message, the assistant's wanted reply.";
        return null;
    }

    /// <summary>
    /// What a run learns of all accepted examples: of those that answer the same, a correction (or a reply that a follow-up asked for) beats thumbs up, and
    /// the latest correction beats earlier ones; a reply that says the same is learned once, as it was last written.
    /// </summary>
    public static IReadOnlyList<MergedExample> Merge(IEnumerable<Example> accepted) =>
    [
        .. accepted
            .GroupBy(e => DedupKey.Of(e.Messages.SkipLast(1)))
            .SelectMany(Resolve)
            .OrderBy(e => e.Example.Id, StringComparer.Ordinal),
    ];

    private static IEnumerable<MergedExample> Resolve(IEnumerable<Example> sameContext)
    {
        Example[] newestFirst = [.. sameContext.OrderByDescending(e => e.UpdatedAt).ThenByDescending(e => e.Id, StringComparer.Ordinal)];
        return newestFirst.FirstOrDefault(e => e.Source is "correction" or "edit" or "follow_up") is { } correction
            ? [MergedExample.Of(correction, newestFirst)]
            : newestFirst.GroupBy(e => DedupKey.Of(e.Messages.TakeLast(1))).Select(same => MergedExample.Of(same.First(), [.. same]));
    }

    private static ExampleDraft Draft(RequestMessage[] messages, JsonElement? tools, string source, List<string> flags)
    {
        flags.AddRange(SecretRules.Find(messages));
        return new(messages, tools, source, flags.Count == 0 ? ExampleStatus.Accepted : ExampleStatus.Excluded, [.. flags]);
    }

    private static bool HasTools(IEnumerable<RequestMessage> messages) => messages.Any(m => m.ToolCalls is not null || m.Role == "tool");
}

/// <summary>An example to be stored.</summary>
internal sealed record ExampleDraft(RequestMessage[] Messages, JsonElement? Tools, string Source, string Status, string[] Flags)
{
    /// <summary>For the example that it becomes; ids sort by time.</summary>
    public static string NewId(DateTimeOffset time) => $"ex_{Guid.CreateVersion7(time):N}";

    /// <summary>Kept aside for one more reason.</summary>
    public ExampleDraft Flagged(string flag) => this with { Status = ExampleStatus.Excluded, Flags = [.. Flags, flag] };
}

/// <summary>An example that is learned, and those for which it stands.</summary>
internal sealed record MergedExample(Example Example, IReadOnlyList<Example> Others)
{
    /// <summary>It takes the side of the split that any of them was given: what was once trained on is never measured on.</summary>
    public static MergedExample Of(Example chosen, IReadOnlyList<Example> all) => new(
        chosen with { Split = chosen.Split ?? all.Select(e => e.Split).OfType<string>().Order(StringComparer.Ordinal).LastOrDefault() },
        [.. all.Where(e => e != chosen)]);
}

/// <summary>
/// Why an example is kept aside; secrets have flags of their own (<see cref="SecretRules"/>), and so has what imports find suspicious
/// (<see cref="DatasetImport"/>).
/// </summary>
internal static class ExampleFlags
{
    public const string CutOff = "cut_off";
    public const string Empty = "empty";

    /// <summary>Another accepted example answers the same question differently.</summary>
    public const string Contradiction = "contradiction";

    /// <summary>Its last turn alone takes more tokens than a run learns or the base reads.</summary>
    public const string TooLong = "too_long";

    /// <summary>Made with functions at hand: whether the base's template can say them is for the user to know.</summary>
    public const string Tools = "tools";
}

internal static class ExampleStatus
{
    public const string Accepted = "accepted";

    /// <summary>Rated down without a better reply: a run makes it less likely.</summary>
    public const string Unwanted = "unwanted";
    public const string Excluded = "excluded";

    /// <summary>The rating that it came from is gone.</summary>
    public const string Withdrawn = "withdrawn";
}
