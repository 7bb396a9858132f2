using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using FineTuneChat.Datasets.Files;
using FineTuneChat.Datasets.Reports;
using Parquet;
using Parquet.Meta;
using Parquet.Serialization;

namespace FineTuneChat.Datasets.Tables;

/// <summary>Parquet, with lists and records in its cells, as rows of JSON. One group of rows is held at a time.</summary>
internal static class ParquetTable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="InvalidDataException">It is larger than is allowed.</exception>
    public static IEnumerable<RawRow> Read(Stream stream, DatasetLimits limits, ReadingTime time, DatasetReport report)
    {
        report.Format = "Parquet";
        report.Unit = "row";
        int groups = Check(stream, limits);
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        int number = 0;
        for (int group = 0; group < groups; group++)
        {
            stream.Position = 0;
            IList<Dictionary<string, object>> rows = Wait(ParquetSerializer.DeserializeUntypedAsync(stream, null, group, default)).Data;
            for (int i = 0; i < rows.Count; i++)
            {
                time.Check();
                buffer.ResetWrittenCount();
                json.Reset();
                Write(json, rows[i], limits.Depth);
                rows[i] = null!; // what is made of it takes its memory
                json.Flush();
                yield return buffer.WrittenCount <= limits.RowBytes
                    ? new RawRow(++number, buffer.WrittenMemory)
                    : new RawRow(++number, default, $"longer than {limits.RowBytes} bytes");
            }
        }
    }

    private static int Check(Stream stream, DatasetLimits limits)
    {
        ParquetReader reader = Wait(ParquetReader.CreateAsync(stream, null, leaveStreamOpen: true, default));
        try
        {
            FileMetaData file = reader.Metadata ?? throw new InvalidDataException("it has no description of its rows.");
            if (file.NumRows > limits.Rows)
                throw new InvalidDataException($"it has {file.NumRows:N0} rows; at most {limits.Rows:N0} are read. Split the file.");
            if (file.Schema.Count > limits.Columns)
                throw new InvalidDataException($"it has {file.Schema.Count:N0} columns; at most {limits.Columns:N0} are read.");
            long bytes = file.RowGroups.Select(BytesOf).DefaultIfEmpty().Max();
            if (bytes > limits.UnpackedBytes)
                throw new InvalidDataException(
                    $"a group of its rows has {bytes:N0} bytes; at most {limits.UnpackedBytes:N0} are held at once. "
                    + "Write it with smaller groups (row_group_size=1000).");
            return file.RowGroups.Count;
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static long BytesOf(RowGroup group) => Math.Max(group.TotalByteSize, group.Columns.Sum(c => c.MetaData?.TotalUncompressedSize ?? 0));

    private static void Write(Utf8JsonWriter json, object? value, int depth)
    {
        if (depth == 0)
            throw new InvalidDataException("its values are nested deeper than is allowed.");
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case IDictionary map:
                json.WriteStartObject();
                foreach (DictionaryEntry entry in map)
                {
                    json.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "");
                    Write(json, entry.Value, depth - 1);
                }
                json.WriteEndObject();
                break;
            case byte[] bytes:
                json.WriteBase64StringValue(bytes);
                break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (object? item in list)
                    Write(json, item, depth - 1);
                json.WriteEndArray();
                break;
            case double or float:
                double number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                if (double.IsFinite(number))
                    json.WriteNumberValue(number);
                else
                    json.WriteNullValue();
                break;
            case int or long or short or byte or uint or ulong or ushort or sbyte or decimal:
                json.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
            case DateTime date:
                json.WriteStringValue(date);
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    // Nothing is waited for: the stream is a file or memory, and is read in turn.
    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
