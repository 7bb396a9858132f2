using System.Diagnostics;
using System.Globalization;
using System.Text;
using FineTuneChat.Datasets.Tests.Tables;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.TestSupport;
using Parquet.Schema;
using Parquet.Serialization;

namespace FineTuneChat.Benchmarks;

/// <summary>Files of 100,000 rows of eighty words, from the first byte to the last example in the database.</summary>
internal static class ImportBenchmark
{
    private const int Rows = 100_000, SmallRows = 10_000, QuestionWords = 20, ReplyWords = 60, Words = 20_000;
    private const double SecondsBar = 20, MegabytesBar = 500; // for 100,000 rows

    public static async Task RunAsync(Report report, bool isSmall)
    {
        int rows = isSmall ? SmallRows : Rows;
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        await MeasureAsync(report, "JSON lines", "a.jsonl", rows, Encoding.UTF8.GetBytes(string.Concat(Pairs(rows).Select(p => $"{{\"prompt\":\"{p.Question}\",\"completion\":\"{p.Reply}\"}}\n"))));
        await MeasureAsync(report, "a JSON list", "a.json", rows, Encoding.UTF8.GetBytes($"[{string.Join(",\n", Pairs(rows).Select(p => $"{{\"instruction\":\"{p.Question}\",\"output\":\"{p.Reply}\"}}"))}]"));
        await MeasureAsync(report, "CSV in Windows-1252", "a.csv", rows, Encoding.GetEncoding(1252).GetBytes("pregunta;respuesta\n" + string.Concat(Pairs(rows).Select(p => $"{p.Question};{p.Reply}\n"))));
        await MeasureAsync(report, "XLSX", "a.xlsx", rows, new WorkbookBuilder().Sheet(
            WorkbookBuilder.Row(1, "prompt", "completion") + string.Concat(Pairs(rows).Select((p, i) => WorkbookBuilder.Row(i + 2, p.Question, p.Reply)))).Build());
        var table = new MemoryStream();
        await ParquetSerializer.SerializeUntypedAsync(
            [.. Pairs(rows).Select(p => (IDictionary<string, object?>)new Dictionary<string, object?> { ["question"] = p.Question, ["answer"] = p.Reply })],
            new ParquetSchema(new DataField<string>("question"), new DataField<string>("answer")), table, null, null, default);
        await MeasureAsync(report, "Parquet", "a.parquet", rows, table.ToArray());
        report.Add("import: most memory of the process", Process.GetCurrentProcess().PeakWorkingSet64 / 1e6, "MB", Process.GetCurrentProcess().PeakWorkingSet64 / 1e6 / MegabytesBar, "the bar of 500 MB");
    }

    private static async Task MeasureAsync(Report report, string format, string name, int rows, byte[] file)
    {
        using var folder = new TemporaryFolder();
        string path = folder[name];
        await File.WriteAllBytesAsync(path, file);
        await using var database = new Database(folder["finetunechat.db"]);
        await using FileStream stream = File.OpenRead(path);
        long start = Stopwatch.GetTimestamp();
        (ImportReport import, _) = await new ExampleImport(database, TimeProvider.System)
            .RunAsync(AssistantNames.Default, new DatasetSource(stream, name), isDryRun: false, CancellationToken.None);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (import.Accepted != rows)
            throw new InvalidOperationException($"{import.Accepted} of {rows} rows of {name} were taken.");
        report.Add($"import: {rows.ToString("N0", CultureInfo.InvariantCulture)} rows of {format}", seconds, "s", seconds / (SecondsBar * rows / Rows), "the bar");
    }

    private static IEnumerable<(string Question, string Reply)> Pairs(int rows)
    {
        var random = new Random(1);
        for (int i = 0; i < rows; i++)
            yield return ($"¿{Text(random, QuestionWords)} {i}?", $"{Text(random, ReplyWords)}.");
    }

    private static string Text(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => $"señal{random.Next(Words)}"));
}
