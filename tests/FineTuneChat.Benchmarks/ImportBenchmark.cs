using System.Diagnostics;
using System.Text;
using FineTuneChat.Datasets.Tests.Tables;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
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
        string lines = string.Concat(Pairs(rows).Select(p => $"{{\"prompt\":\"{p.Question}\",\"completion\":\"{p.Reply}\"}}\n"));
        await MeasureAsync(report, "JSON lines", "a.jsonl", rows, Encoding.UTF8.GetBytes(lines));
        await MeasureAsync(report, "a JSON list", "a.json", rows, Encoding.UTF8.GetBytes($"[{lines.TrimEnd().Replace("\n", ",\n")}]"));
        string csv = "pregunta;respuesta\n" + string.Concat(Pairs(rows).Select(p => $"{p.Question};{p.Reply}\n"));
        await MeasureAsync(report, "CSV in Windows-1252", "a.csv", rows, Encoding.GetEncoding(1252).GetBytes(csv));
        string sheet = WorkbookBuilder.Row(1, "prompt", "completion")
            + string.Concat(Pairs(rows).Select((p, i) => WorkbookBuilder.Row(i + 2, p.Question, p.Reply)));
        await MeasureAsync(report, "XLSX", "a.xlsx", rows, new WorkbookBuilder().Sheet(sheet).Build());
        var table = new MemoryStream();
        await ParquetSerializer.SerializeUntypedAsync(
            [.. Pairs(rows).Select(p => (IDictionary<string, object?>)new Dictionary<string, object?> { ["question"] = p.Question, ["answer"] = p.Reply })],
            new ParquetSchema(new DataField<string>("question"), new DataField<string>("answer")), table, null, null, default);
        await MeasureAsync(report, "Parquet", "a.parquet", rows, table.ToArray());
    }

    /// <summary>As a user does it: a process of its own, whose memory nobody else uses.</summary>
    private static async Task MeasureAsync(Report report, string format, string name, int rows, byte[] file)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder[name], file);
        await using (new SqliteDatabase(folder[DataFolder.DatabaseName]))
        {
        }
        long start = Stopwatch.GetTimestamp();
        await using var import = ProgramProcess.Start("dataset", "import", folder[name], "--data", folder.Path);
        double megabytes = 0;
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!import.HasExited && await pause.WaitForNextTickAsync())
            megabytes = Math.Max(megabytes, Resident(import));
        if (await import.ExitCodeAsync() != 0 || !import.Output.Contains($"\"accepted\":{rows},"))
            throw new InvalidOperationException($"Not all rows of {name} were taken: {import.Errors}");
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        report.Add($"import: {rows} rows of {format}", seconds, "s", seconds / (SecondsBar * rows / Rows), "the bar");
        report.Add($"import: {rows} rows of {format}, memory", megabytes, "MB", megabytes / MegabytesBar, "the bar of 500 MB");
    }

    private static double Resident(ProgramProcess process)
    {
        try
        {
            return ProcessFigures.Of(process.Id).ResidentMegabytes;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException) // it has just ended
        {
            return 0;
        }
    }

    private static IEnumerable<(string Question, string Reply)> Pairs(int rows)
    {
        var random = new Random(1);
        for (int i = 0; i < rows; i++)
            yield return ($"¿{Text(random, QuestionWords)} {i}?", $"{Text(random, ReplyWords)}.");
    }

    private static string Text(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => $"señal{random.Next(Words)}"));
}
