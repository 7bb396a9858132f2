using System.Text.Json;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets;

/// <summary>
/// Reads datasets of JSON lines, row by row: OpenAI's messages, instruction/input/output, prompt/completion and ShareGPT, mixed as they come.
/// </summary>
public static class ConversationReader
{
    private const int ErrorsToName = 5;

    /// <summary>All rows, good and bad, while the stream is read; blank lines are passed over.</summary>
    /// <param name="stream">UTF-8; not disposed.</param>
    /// <param name="limits">Defaults when null.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static IEnumerable<DatasetRow> Read(Stream stream, DatasetLimits? limits = null)
    {
        limits ??= new DatasetLimits();
        var rows = 0;
        foreach (var (number, line) in JsonLines.Read(stream, limits.RowBytes))
        {
            if (rows++ == limits.Rows)
            {
                yield return new DatasetRow(number, null, $"more than {limits.Rows} rows; split the file");
                yield break;
            }
            yield return line is null ? new DatasetRow(number, null, $"longer than {limits.RowBytes} bytes") : ReadRow(number, line.Value, limits);
        }
    }

    /// <summary>All conversations of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Defaults when null.</param>
    /// <exception cref="InvalidDataException">
    /// A row is bad, or there is none: one line with the file, the first bad rows by line number, and their reasons.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IReadOnlyList<Conversation> Load(string path, DatasetLimits? limits = null)
    {
        using var stream = File.OpenRead(path);
        var conversations = new List<Conversation>();
        var errors = new List<DatasetRow>();
        foreach (var row in Read(stream, limits))
        {
            if (row.Conversation is { } conversation) conversations.Add(conversation);
            else errors.Add(row);
        }

        if (errors.Count > 0)
        {
            var named = string.Join("; ", errors.Take(ErrorsToName).Select(e => $"line {e.Line}: {e.Error}"));
            var more = errors.Count > ErrorsToName ? $"; and {errors.Count - ErrorsToName} more" : "";
            throw new InvalidDataException($"{path}: {named}{more}.");
        }
        return conversations.Count > 0 ? conversations : throw new InvalidDataException($"{path}: no rows; each line must hold one conversation.");
    }

    private static DatasetRow ReadRow(int number, ReadOnlyMemory<byte> line, DatasetLimits limits)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var conversation = RowFormat.Read(document.RootElement);
            Check(conversation, limits);
            return new DatasetRow(number, conversation, null);
        }
        catch (JsonException e)
        {
            return new DatasetRow(number, null, $"not JSON ({e.Message.Split(" LineNumber:")[0].TrimEnd('.')}, byte {e.BytePositionInLine})");
        }
        catch (RowException e)
        {
            return new DatasetRow(number, null, e.Message);
        }
    }

    private static void Check(Conversation conversation, DatasetLimits limits)
    {
        var messages = conversation.Messages;
        if (messages.Count > limits.Messages) throw new RowException($"{messages.Count} messages; at most {limits.Messages} are allowed");
        if (!messages.Any(m => m.Role == ChatRole.Assistant)) throw new RowException("no message of the assistant, so nothing to learn");
        if (messages.Any(m => m.Weight is not null) && !messages.Any(m => m.Weight == 1) && messages[^1] is not { Role: ChatRole.Assistant, Weight: null })
            throw new RowException("every message of the assistant has weight 0, so nothing to learn");
        if (messages.All(m => m.Role == ChatRole.Assistant)) throw new RowException("only messages of the assistant; there must be something to reply to");
    }
}
