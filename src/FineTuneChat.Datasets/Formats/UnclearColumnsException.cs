namespace FineTuneChat.Datasets.Formats;

/// <summary>It is not sure which of a row's keys is what.</summary>
internal sealed class UnclearColumnsException(RowShape shape) : RowException(Ask(shape))
{
    private static string Ask(RowShape shape)
    {
        (string? prompt, string? reply) = shape.Suggestion();
        string example = prompt is null || reply is null ? "prompt=NAME,reply=NAME" : $"prompt={prompt},reply={reply}";
        return $"it is not clear which column is the question and which the reply: {RowShape.Quoted(shape.Names)}. "
            + $"Say which with a map, such as {(example.Any(char.IsWhiteSpace) ? $"\"{example}\"" : example)}";
    }
}
