using System.Text.Json;
using FineTuneChat.Datasets.Chats;
using FineTuneChat.Datasets.Files;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Datasets.Tables;

namespace FineTuneChat.Datasets;

/// <summary>A file's rows as conversations: unpacked, decoded, cut into rows, and each row read by its shape.</summary>
internal sealed class DatasetFileReader(DatasetLimits limits, DatasetOptions options, DatasetReport report, ReadingTime time)
{
    private readonly RowFormat _format = new(options, report);
    private readonly JsonDocumentOptions _parser = new() { MaxDepth = limits.Depth };

    /// <summary>All of them, read as they are asked for: what is wrong with the file is thrown when the first one is.</summary>
    public IEnumerable<DatasetRow> Rows(Stream stream, string name)
    {
        foreach (DatasetRow row in Opened(stream, name))
            yield return row;
    }

    private IEnumerable<DatasetRow> Opened(Stream stream, string name)
    {
        PackedFile file = PackedFile.Of(stream, name, limits, time, report);
        if (file.Head.Length == 0)
            throw new InvalidDataException("it is empty.");
        return file.Kind switch
        {
            FileKind.Parquet => ParquetTable.Read(file.Open(), limits, time, report).Select(Read),
            FileKind.Zip => Table(Workbook.Rows(file.Open(), limits, report), isText: false).Select(Read),
            _ => TextRows(file),
        };
    }

    private IEnumerable<DatasetRow> TextRows(PackedFile file)
    {
        TextEncoding encoding = TextEncoding.Of(file, options.Encoding);
        report.Encoding = encoding.Name;
        if (encoding.IsGuess)
            report.Tell(
                NoticeKinds.Encoding, $"read as {encoding.Name}, which is a guess; if letters are wrong, name its encoding (--encoding, or \"encoding\")");
        byte[] head = HeadOf(file, encoding);
        TextLayout layout = TextLayout.Of(head, file.Name, limits);
        bool isJson = layout.Kind is not (TextKind.Table or TextKind.Chat);
        if (encoding.WrongAt is { } line && !isJson) // a parser of JSON names each such row by itself
            throw new InvalidDataException(
                $"line {line} is no UTF-8, and what it is is not clear. Save the file as UTF-8, or name its encoding "
                + "(--encoding windows-1251, \"encoding\" in the API).");

        Stream text = encoding.Read(file.Open());
        switch (layout.Kind)
        {
            case TextKind.Chat:
                report.Format = "WhatsApp chat";
                return WhatsAppChat.Read(text, options.As, limits, time, report).Select(c => new DatasetRow(c.Line, c.Conversation, null));
            case TextKind.Table:
                return Table(CsvTable.Rows(text, head, limits, report), isText: true).Select(Read);
            case TextKind.JsonLines:
                report.Format = "JSON lines";
                return JsonLines.Read(text, limits.RowBytes).Select(Read);
            default:
                return Values(text, layout);
        }
    }

    private IEnumerable<RawRow> Table(IEnumerable<TableRow> rows, bool isText)
    {
        report.Unit = "row";
        return new TableRows(options.Map, limits, time, report).Read(rows, isText);
    }

    private IEnumerable<DatasetRow> Values(Stream text, TextLayout layout)
    {
        bool isList = layout.Kind == TextKind.JsonList;
        report.Format = !isList ? "JSON objects" : layout.List is { } name ? $"JSON list \"{name}\"" : "JSON list";
        report.Unit = isList ? "item" : "line";
        if (!isList)
            report.Tell(NoticeKinds.Layout, "its objects span several lines: they are read one after the other, each named by its first line");
        var values = new JsonValues(isList, isList ? limits.ItemBytes : limits.RowBytes);
        text.ReadExactly(new byte[layout.Start]);
        foreach (RawRow row in values.Read(text, isOpen: layout.Start > 0))
            yield return Read(row);
        if (values.GoesOn)
            report.Tell(NoticeKinds.OtherParts, "what stands behind the list is not read");
    }

    private DatasetRow Read(RawRow row)
    {
        if (row.Error is not null)
            return new DatasetRow(row.Number, null, row.Error);
        var notes = new RowNotes(report, row.Number);
        try
        {
            using JsonDocument document = JsonDocument.Parse(row.Json, _parser);
            ChatHead? chat = options.Map is null ? ChatHead.Of(document.RootElement) : null;
            report.ChatProgram ??= chat?.Program;
            (PreferenceRow? preference, Conversation? conversation) = _format.Read(document.RootElement, notes);
            return new DatasetRow(row.Number, conversation, null) { Preference = preference, Notices = notes.Kinds, Chat = chat };
        }
        catch (JsonException e) when (e.Message.Contains("maximum configured depth", StringComparison.Ordinal)) // no other sign of it
        {
            return new DatasetRow(row.Number, null, $"nested deeper than {limits.Depth} levels, which is all that is allowed; flatten it");
        }
        catch (JsonException e)
        {
            string hint = row.Json.Span.IndexOf("\\\\\\\""u8) >= 0 || row.Json.Span.IndexOf("{\\\""u8) >= 0
                ? "; it seems half-escaped: a quote inside of a text is written \\\", and none outside of texts" : "";
            return new DatasetRow(row.Number, null, $"not JSON ({e.Message.Split(" LineNumber:")[0].TrimEnd('.')}, byte {e.BytePositionInLine}){hint}");
        }
        catch (InvalidOperationException) // of a text or a name: System.Text.Json has no other word for it
        {
            return new DatasetRow(row.Number, null, "a text holds half of a surrogate pair, or bytes that are no UTF-8");
        }
        catch (RowException e)
        {
            return new DatasetRow(row.Number, null, e.Message) { IsUnclear = e is UnclearColumnsException };
        }
    }

    private static byte[] HeadOf(PackedFile file, TextEncoding encoding)
    {
        if (encoding.Encoding is null)
            return file.Head[encoding.MarkBytes..];
        using Stream text = encoding.Read(file.Open());
        var head = new byte[64 << 10];
        return head[..text.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }
}
