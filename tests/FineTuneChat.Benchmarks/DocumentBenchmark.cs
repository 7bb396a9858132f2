using System.Diagnostics;
using Dapper;
using FineTuneChat.Documents;
using FineTuneChat.Documents.Chunks;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents;
using FineTuneChat.Gateway.Documents.Search;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace FineTuneChat.Benchmarks;

/// <summary>
/// Sixty questions over twenty made-up documents in two languages, fifteen of which no document answers; a PDF of 300 pages; a question over 10,000 passages.
/// </summary>
internal static class DocumentBenchmark
{
    private const int Shown = 5, Pages = 300, LinesOfPage = 45, Passages = 10_000, Asked = 40;
    private const double FoundBar = 0.95, UnansweredBar = 0.9, ReadingBar = 20, QuestionBar = 50;
    private const string Unanswerable = "-";

    public static async Task RunAsync(Report report)
    {
        using var folder = new TemporaryFolder();
        await using var database = new SqliteDatabase(folder["documents.db"]);
        var chunks = new ChunkStore(database);
        await using var none = new EmbedderProcess(new EmbeddingSettings { Enabled = false }, TimeProvider.System, NullLogger<EmbedderProcess>.Instance);
        var search = new DocumentSearch(database, new VectorIndex(chunks), new MiniLmEmbedder(none)); // by words alone
        string library = await CollectAsync(database, chunks, Library());
        await MeasureQuestionsAsync(report, search, library);
        MeasureReading(report);
        await MeasureSearchAsync(report, search, await CollectAsync(database, chunks, Filling()));
    }

    private static async Task MeasureQuestionsAsync(Report report, DocumentSearch search, string library)
    {
        (int found, int answerable, int unanswered, int unanswerable) = (0, 0, 0, 0);
        double threshold = new DocumentSettings().Threshold;
        foreach (string[] row in File.ReadLines(Data("questions.tsv")).Select(line => line.Split('\t')))
        {
            IReadOnlyList<FoundPassage> passages = await search.FindAsync([library], row[0], Shown, filter: null, threshold, default);
            bool isRight = row[1] == Unanswerable ? passages.Count == 0 : passages.Any(p => p.Text.Contains(row[1]));
            if (row[1] == Unanswerable)
                (unanswered, unanswerable) = (unanswered + (isRight ? 1 : 0), unanswerable + 1);
            else
                (found, answerable) = (found + (isRight ? 1 : 0), answerable + 1);
            if (!isRight)
                Console.Error.WriteLine($"{row[0]} ({row[1]}): {string.Join(", ", passages.Select(p => $"{p.Source.Filename} {p.Source.Score}"))}");
        }
        report.Add("documents: right passage among five", 100.0 * found / answerable, "%", found / (FoundBar * answerable), "the bar");
        report.Add("documents: unanswerable ones said", 100.0 * unanswered / unanswerable, "%", unanswered / (UnansweredBar * unanswerable), "the bar");
    }

    private static void MeasureReading(Report report)
    {
        byte[] pdf = Pdf();
        long start = Stopwatch.GetTimestamp();
        int chunks = Chunker.Split(DocumentReader.Read(pdf, "long.pdf")).Count;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        report.Add($"documents: a PDF of {Pages} pages, {chunks} passages", seconds, "s", seconds / ReadingBar, "the bar");
    }

    private static async Task MeasureSearchAsync(Report report, DocumentSearch search, string store)
    {
        var random = new Random(1);
        var times = new List<double>();
        for (int i = 0; i < Asked; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await search.FindAsync([store], string.Join(' ', Words(random, 8)), Shown, filter: null, threshold: 0, default);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        double median = times.Order().ElementAt(Asked / 2);
        report.Add($"documents: a question over {Passages} passages", median, "ms", median / QuestionBar, "the bar");
    }

    /// <summary>Puts documents into a collection, as the gateway does.</summary>
    private static async Task<string> CollectAsync(Database database, ChunkStore chunks, IEnumerable<Document> documents)
    {
        var stores = new VectorStores(database, TimeProvider.System);
        var files = new StoreFiles(database, TimeProvider.System);
        string store = await stores.CreateAsync(Caller.Local, new() { Name = "benchmark" });
        foreach (Document document in documents)
        {
            string file = $"file-{Guid.NewGuid():N}";
            await database.WriteAsync(connection => connection.Execute(
                "INSERT INTO files (id, owner, name, purpose, bytes, created_at) VALUES (@file, '', @Name, 'assistants', 0, 0)", new { file, document.Name }));
            await files.AddAsync(store, file, attributes: null);
            await chunks.KeepAsync(chunks.NextWaiting()!, Chunker.Split(document));
        }
        return store;
    }

    private static IEnumerable<Document> Library() =>
        from part in File.ReadAllText(Data("library.md")).Split("=== ", StringSplitOptions.RemoveEmptyEntries)
        let end = part.IndexOf('\n')
        select DocumentReader.Read(System.Text.Encoding.UTF8.GetBytes(part[end..]), part[..end].Trim());

    /// <summary>Passages of words as rare as those of a language: few are often, many are seldom.</summary>
    private static IEnumerable<Document> Filling()
    {
        var random = new Random(2);
        yield return new("filling.txt", "text", [.. Enumerable.Range(1, Passages)
            .Select(line => new Passage(string.Join(' ', Words(random, Chunker.MostWords)), new(PlaceKind.Line, line), ""))]);
    }

    private static IEnumerable<string> Words(Random random, int count) =>
        Enumerable.Range(0, count).Select(_ => Word((int)Math.Pow(20_000, random.NextDouble())));

    /// <summary>Six letters, other ones for each number from the first on: words are found by their beginnings.</summary>
    private static string Word(int number) => string.Create(6, number * 2_654_435_761L, (letters, left) =>
    {
        for (int i = 0; i < letters.Length; i++, left /= 26)
            letters[i] = (char)('a' + (left % 26));
    });

    private static byte[] Pdf()
    {
        var random = new Random(3);
        using var pdf = new PdfDocumentBuilder();
        PdfDocumentBuilder.AddedFont font = pdf.AddStandard14Font(Standard14Font.Helvetica);
        for (int number = 0; number < Pages; number++)
        {
            PdfPageBuilder page = pdf.AddPage(PageSize.A4);
            for (int line = 0; line < LinesOfPage; line++)
                page.AddText(string.Join(' ', Words(random, 9)), 10, new PdfPoint(50, 790 - (line * 16)), font);
        }
        return pdf.Build();
    }

    private static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Documents", name);
}
