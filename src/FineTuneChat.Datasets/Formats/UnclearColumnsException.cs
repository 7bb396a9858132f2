namespace FineTuneChat.Datasets.Formats;

/// <summary>It is not sure which of a row's keys is what.</summary>
internal sealed class UnclearColumnsException(RowShape shape) : RowException(Ask(shape))
{
    private static string Ask(RowShape shape)
    {
        if (Names("role", "from", "sender") && Names("content", "value", "text"))
            return $"each row is one message ({RowShape.Quoted(shape.Names)}); a row should be a question with its reply, or a whole conversation as messages";
        (string? prompt, string? reply) = shape.Suggestion();
        string example = prompt is null || reply is null ? "prompt=NAME,reply=NAME" : $"prompt={prompt},reply={reply}";
        return $"it is not clear which column is the question and which the reply: {RowShape.Quoted(shape.Names)}. "
            + $"Say which with --map {(example.Any(char.IsWhiteSpace) ? $"\"{example}\"" : example)} (\"map\" in the API)";

        bool Names(params string[] any) => shape.Names.Any(name => any.Contains(name.ToLowerInvariant()));
    }
}
