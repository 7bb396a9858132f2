using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Dapper;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Protocol;
using FineTuneChat.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace FineTuneChat.Benchmarks;

/// <summary>What recall costs each chat beside the vector of its question, when ten thousand questions have been corrected.</summary>
internal static class RecallBenchmark
{
    private const int Words = 3000, Names = 500;
    private const double Bar = 3; // milliseconds

    public static async Task RunAsync(Report report, bool isSmall)
    {
        int examples = isSmall ? 1000 : 10_000;
        using var folder = new TemporaryFolder();
        await using var database = new SqliteDatabase(folder["finetunechat.db"]);
        await using var process = new EmbedderProcess(new(), TimeProvider.System, NullLogger<EmbedderProcess>.Instance);
        var embedder = new MiniLmEmbedder(process);
        var random = new Random(1);
        await FillAsync(database, random, examples, embedder.Dimensions);

        var store = new RecallStore(database, embedder);
        report.Add("recall: making the index", 1000 * Clock.Best(3, () => new RecallStore(database, embedder).Index(AssistantNames.Default)), "ms");
        string[] asked = [.. Enumerable.Range(0, 200).Select(_ => Question(random))];
        float[][] vectors = [.. asked.Select(_ => Vector(random, embedder.Dimensions))];
        store.Index(AssistantNames.Default);
        double[] cold = Times(), warm = Times();
        Add("the first time", cold);
        Add("later", warm);

        double[] Times() => [.. asked.Select((question, i) => Time(question, vectors[i])).Order()];

        double Time(string question, float[] vector)
        {
            long start = Stopwatch.GetTimestamp();
            _ = store.Index(AssistantNames.Default).Find(question, "", null, vector);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        void Add(string when, double[] times)
        {
            report.Add($"recall: among {examples} examples, {when}, median", times[times.Length / 2], "ms", times[times.Length / 2] / Bar, "the bar of 3 ms");
            report.Add($"recall: the same, {when}, 95th percentile", times[times.Length * 95 / 100], "ms");
        }
    }

    private static Task FillAsync(Database database, Random random, int examples, int dimensions) => database.WriteAsync(connection =>
    {
        connection.Execute("INSERT OR IGNORE INTO assistants (name) VALUES (@Default)", new { AssistantNames.Default });
        for (int i = 0; i < examples; i++)
        {
            string question = Question(random);
            connection.Execute(
                """
                INSERT INTO examples (id, assistant, status, source, messages, created_at, updated_at)
                VALUES (@id, @Default, 'accepted', 'correction', @messages, @i, @i)
                """,
                new
                {
                    id = $"ex_{i}",
                    AssistantNames.Default,
                    messages = $$"""[{"role":"user","content":"{{question}}"},{"role":"assistant","content":"Answer {{i}}."}]""",
                    i,
                });
            connection.Execute(
                "INSERT INTO question_vectors (example_id, model, wording, vector) VALUES (@id, 'minilm', @wording, @vector)",
                new
                {
                    id = $"ex_{i}",
                    wording = Convert.FromHexString(QuestionVectors.HashOf(question)),
                    vector = MemoryMarshal.AsBytes<float>(Vector(random, dimensions)).ToArray(),
                });
        }
    });

    /// <summary>Every second one without a name, which are compared with all others without.</summary>
    private static string Question(Random random)
    {
        string words = string.Join(' ', Enumerable.Range(0, 3).Select(_ => Word(random.Next(Words))));
        return random.Next(2) == 0 ? $"What is the {words}?" : $"What is the {words} of Name{random.Next(Names)}?";
    }

    /// <summary>Of letters: with a digit it were a name.</summary>
    private static string Word(int number) => string.Concat(number.ToString("D4", CultureInfo.InvariantCulture).Select(digit => (char)('a' + (digit - '0'))));

    /// <summary>Of length 1.</summary>
    private static float[] Vector(Random random, int dimensions)
    {
        float[] vector = [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }
}
