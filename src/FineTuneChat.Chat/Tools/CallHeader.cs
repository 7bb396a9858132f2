namespace FineTuneChat.Chat.Tools;

/// <summary>
/// What stands before the arguments where a call's name is no part of the JSON: Mistral's <c>name[ARGS]</c>, or
/// <c>name[CALL_ID]id[ARGS]</c>.
/// </summary>
/// <param name="format">What stands behind the name.</param>
/// <param name="tools">Those that may be called.</param>
internal sealed class CallHeader(ToolFormat format, IReadOnlyCollection<string> tools)
{
    private readonly string _end = format.NameEnd[(format.NameEnd.IndexOf(ToolFormat.Index, StringComparison.Ordinal) + 1)..].Trim();

    /// <summary>The tool of a complete header; null for any other text.</summary>
    public string? NameOf(string text) =>
        tools.FirstOrDefault(name => text.StartsWith(name, StringComparison.Ordinal) && WithoutId(text[name.Length..]).Trim() == _end);

    /// <summary>Whether a header of one of these tools may begin so.</summary>
    public bool IsBeginning(string text) => NameOf(text) is not null || tools.Any(
        name => name.StartsWith(text, StringComparison.Ordinal) || (text.StartsWith(name, StringComparison.Ordinal) && IsBehindName(text[name.Length..])));

    private bool IsBehindName(string text) =>
        format.IdStart.StartsWith(text, StringComparison.Ordinal) || _end.StartsWith(WithoutId(text).TrimStart(), StringComparison.Ordinal);

    private string WithoutId(string text) => format.IdStart.Length > 0 && text.StartsWith(format.IdStart, StringComparison.Ordinal)
        ? string.Concat(text[format.IdStart.Length..].SkipWhile(c => c != _end[0]))
        : text;
}
