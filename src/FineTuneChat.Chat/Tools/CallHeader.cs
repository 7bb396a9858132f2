namespace FineTuneChat.Chat.Tools;

/// <summary>
/// What stands before the arguments where a call's name is no part of the JSON: Mistral's <c>name[ARGS]</c>, or
/// <c>name[CALL_ID]id[ARGS]</c>.
/// </summary>
internal static class CallHeader
{
    public const string Id = "[CALL_ID]", Arguments = "[ARGS]";

    /// <summary>The tool of a complete header; null for any other text.</summary>
    public static string? NameOf(string text, IReadOnlyCollection<string> tools) =>
        tools.FirstOrDefault(name => text.StartsWith(name, StringComparison.Ordinal) && WithoutId(text[name.Length..]).TrimEnd() == Arguments);

    /// <summary>Whether a header of one of these tools may begin so.</summary>
    public static bool IsBeginning(string text, IReadOnlyCollection<string> tools) =>
        NameOf(text, tools) is not null || tools.Any(
            name => name.StartsWith(text, StringComparison.Ordinal) || (text.StartsWith(name, StringComparison.Ordinal) && IsBeginning(text[name.Length..])));

    private static bool IsBeginning(string behindName) =>
        Id.StartsWith(behindName, StringComparison.Ordinal) || Arguments.StartsWith(WithoutId(behindName), StringComparison.Ordinal);

    private static string WithoutId(string behindName) =>
        behindName.StartsWith(Id, StringComparison.Ordinal) ? string.Concat(behindName[Id.Length..].SkipWhile(c => c != '[')) : behindName;
}
