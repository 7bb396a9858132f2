using System.Text.Json;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Tables;

namespace FineTuneChat.Datasets;

/// <summary>
/// Reads datasets row by row: OpenAI's messages, instruction/input/output, prompt/completion and ShareGPT, mixed as they come. The rows are lines of JSON, or
/// those of a table (CSV, XLSX) whose first row has the same names. Memory is bounded by <see cref="DatasetLimits"/>, whatever the file holds.
/// </summary>
public static class ConversationReader
{
    private const int ErrorsToName = 5;

    /// <summary>All rows, good and bad, while the stream is read; blank ones are passed over.</summary>
    /// <param name="stream">UTF-8, or a workbook, which must be seekable; not disposed.</param>
    /// <param name="limits">Defaults when null.</param>
    /// <param name="file">The file's name: a table is known by its extension (.csv, .tsv, .xlsx). Lines of JSON when null.</param>
    /// <param name="clock">For <see cref="DatasetLimits.Time"/>; the system's when null.</param>
    /// <param name="cancellation">Ends reading at the next row or the next read of the stream.</param>
    /// <exception cref="InvalidDataException">It is no such table, or larger than is allowed, or takes too long.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IEnumerable<DatasetRow> Read(
        Stream stream, DatasetLimits? limits = null, string? file = null, TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        limits ??= new DatasetLimits();
        var time = new ReadingTime(limits.Time, clock ?? TimeProvider.System, cancellation);
        var timed = new TimedStream(stream, time);
        var parser = new JsonDocumentOptions { MaxDepth = limits.Depth };
        var rows = 0;
        foreach (var row in file is not null && TableFile.IsTable(file) ? TableFile.Read(timed, file, limits, time) : JsonLines.Read(timed, limits.RowBytes))
        {
            time.Check();
            if (rows++ == limits.Rows)
            {
                yield return new DatasetRow(row.Number, null, $"more than {limits.Rows} rows; split the file");
                yield break;
            }
            yield return row.Error is not null ? new DatasetRow(row.Number, null, row.Error) : ReadRow(row, parser, limits);
        }
    }

    /// <summary>All conversations of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Defaults when null.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="InvalidDataException">
    /// A row is bad, or there is none: one line with the file, the first bad rows by line number, and their reasons.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IReadOnlyList<Conversation> Load(string path, DatasetLimits? limits = null, CancellationToken cancellation = default)
    {
        using var stream = File.OpenRead(path);
        var conversations = new List<Conversation>();
        var errors = new List<DatasetRow>();
        foreach (var row in Read(stream, limits, path, cancellation: cancellation))
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

    private static DatasetRow ReadRow(RawRow row, JsonDocumentOptions parser, DatasetLimits limits)
    {
        try
        {
            using var document = JsonDocument.Parse(row.Json, parser);
            var conversation = RowFormat.Read(document.RootElement);
            Check(conversation, limits);
            return new DatasetRow(row.Number, conversation, null);
        }
        catch (JsonException e) when (e.Message.Contains("maximum configured depth", StringComparison.Ordinal)) // no other sign of it
        {
            return new DatasetRow(row.Number, null, $"nested deeper than {limits.Depth} levels, which is all that is allowed; flatten it");
        }
        catch (JsonException e)
        {
            return new DatasetRow(row.Number, null, $"not JSON ({e.Message.Split(" LineNumber:")[0].TrimEnd('.')}, byte {e.BytePositionInLine})");
        }
        catch (RowException e)
        {
            return new DatasetRow(row.Number, null, e.Message);
        }
    }

    private static void Check(Conversation conversation, DatasetLimits limits)
    {
        var messages = conversation.Messages;
        if (messages.Count > limits.Messages) throw new RowException($"{messages.Count} messages; at most {limits.Messages} are allowed");
        if (!messages.Any(m => m.Role == ChatRole.Assistant)) throw new RowException("no message of the assistant, so nothing to learn");
        if (messages.Any(m => m.Weight is not null) && !messages.Any(m => m.Weight == 1)
            && messages[^1] is not { Role: ChatRole.Assistant, Weight: null })
            throw new RowException("every message of the assistant has weight 0, so nothing to learn");
        if (messages.All(m => m.Role == ChatRole.Assistant)) throw new RowException("only messages of the assistant; there must be something to reply to");
    }
}
