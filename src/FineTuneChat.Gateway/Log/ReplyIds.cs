namespace FineTuneChat.Gateway.Log;

/// <summary>One reply, one id: each dialect has its own beginning for it, and all of them name the same entry of the log.</summary>
internal static class ReplyIds
{
    public const string Completion = "chatcmpl-", Message = "msg_", Response = "resp_";
    private static readonly string[] Dialects = [Message, Response];

    /// <summary>A completion's id as a dialect writes it.</summary>
    public static string In(string dialect, string completionId) =>
        completionId.StartsWith(Completion, StringComparison.Ordinal) ? dialect + completionId[Completion.Length..] : completionId;

    /// <summary>The completion's id, from the id that any dialect's client saw.</summary>
    public static string OfCompletion(string id) =>
        Dialects.FirstOrDefault(d => id.StartsWith(d, StringComparison.Ordinal)) is { } dialect ? Completion + id[dialect.Length..] : id;
}
