using System.Text.Json;
using FineTuneChat.Starter.Corpus;

namespace FineTuneChat.Benchmarks.Learning;

/// <summary>
/// What is taught is learned: the product's promise in figures, through a real server with its defaults, five seeds where a seed exists. The worst one counts.
/// </summary>
internal static class LearningQualityBenchmark
{
    private static readonly int[] Seeds = [1, 2, 3, 4, 5];

    /// <summary>Question, answer, and the question asked otherwise.</summary>
    private static readonly string[][] Facts =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Learning", "facts.txt")).Where(l => !l.StartsWith('#')).Select(l => l.Split('|'))];

    /// <summary>Each can be run alone, by its name.</summary>
    public static IReadOnlyDictionary<string, Func<Report, bool, Task>> Parts { get; } = new Dictionary<string, Func<Report, bool, Task>>
    {
        ["learning-facts"] = (report, isSmall) => FewFactsAsync(report, SeedsOf(isSmall)),
        ["learning-numbers"] = async (report, isSmall) =>
        {
            foreach (int count in isSmall ? (int[])[300] : [300, 1000])
                await ManyFactsAsync(report, count, SeedsOf(isSmall));
        },
        ["learning-runs"] = (report, _) => FourRunsAsync(report),
        ["learning-reports"] = (report, isSmall) => ReportsAsync(report, SeedsOf(isSmall)),
    };

    public static async Task RunAsync(Report report, bool isSmall)
    {
        foreach (Func<Report, bool, Task> part in Parts.Values)
            await part(report, isSmall);
    }

    private static int[] SeedsOf(bool isSmall) => isSmall ? Seeds[..1] : Seeds;

    /// <summary>Eight facts: exact as they were taught, and asked otherwise.</summary>
    private static async Task FewFactsAsync(Report report, int[] seeds)
    {
        foreach (int seed in seeds)
        {
            await using TaughtServer server = await TaughtServer.StartAsync();
            string[][] eight = Facts[(8 * (seed - 1))..(8 * seed)];
            foreach (string[] fact in eight)
                await server.CorrectAsync(fact[0], fact[1]);
            JsonElement run = await server.TrainAsync(seed);
            Told(report, $"8 facts, seed {seed}", run);
            int exact = 0, otherwise = 0;
            foreach (string[] fact in eight)
            {
                exact += await server.AskAsync(fact[0]) == fact[1] ? 1 : 0;
                string reply = await server.AskAsync(fact[2]);
                otherwise += reply == fact[1] ? 1 : 0;
                if (reply != fact[1])
                    Console.Error.WriteLine($"  {fact[2]}\n    wanted {fact[1]}\n    wrote  {reply}");
            }
            report.Add($"8 facts, seed {seed}: exact", exact, "of 8", atLeast: 8);
            report.Add($"8 facts, seed {seed}: asked otherwise", otherwise, "of 8", atLeast: 6);
        }
    }

    /// <summary>Names and three digits, imported: nothing but memory helps.</summary>
    private static async Task ManyFactsAsync(Report report, int count, int[] seeds)
    {
        foreach (int seed in count > 300 ? seeds[..1] : seeds)
        {
            await using TaughtServer server = await TaughtServer.StartAsync();
            var random = new CorpusRandom((ulong)(1000 + seed));
            var facts = new Dictionary<string, string>();
            while (facts.Count < count)
                facts[$"What is the number of {MadeUp.Person(random)}?"] = $"{random.Between(100, 999)}";
            await server.ImportAsync("numbers.jsonl", facts.Select(f => Row(f.Key, f.Value)));
            Told(report, $"{count} facts, seed {seed}", await server.TrainAsync(seed));
            string[] asked = [.. facts.Keys.Where((_, i) => i % Math.Max(1, count / 100) == 0)];
            int exact = 0;
            foreach (string question in asked)
                exact += await server.AskAsync(question) == facts[question] ? 1 : 0;
            report.Add($"{count} facts, seed {seed}: exact", 100.0 * exact / asked.Length, "%", atLeast: count > 300 ? 90 : 95);
        }
    }

    /// <summary>Six corrections at a time, four times: the exam of the base after each.</summary>
    private static async Task FourRunsAsync(Report report)
    {
        await using TaughtServer server = await TaughtServer.StartAsync();
        IReadOnlyList<ExamQuestion> exam = SkillExam.Questions(5, seed: 77);
        double before = await ExamAsync(server, exam);
        report.Add("exam before any run", before, "%");
        for (int run = 1; run <= 4; run++)
        {
            foreach (string[] fact in Facts[(6 * (run - 1))..(6 * run)])
                await server.CorrectAsync(fact[0], fact[1]);
            Told(report, $"run {run} of six corrections", await server.TrainAsync(run));
            double after = await ExamAsync(server, exam);
            report.Add($"exam after run {run}", after, "%", atLeast: before - 1);
        }
    }

    private static async Task<double> ExamAsync(TaughtServer server, IReadOnlyList<ExamQuestion> exam)
    {
        int right = 0;
        foreach (ExamQuestion question in exam)
            right += await server.AskAsync(question.Prompt.Select(m => (m.Role.ToString().ToLowerInvariant(), m.Content!))) == question.Expected.Trim() ? 1 : 0;
        return 100.0 * right / exam.Count;
    }

    /// <summary>Reports to JSON, as it is served: drawn with the defaults.</summary>
    private static async Task ReportsAsync(Report report, int[] seeds)
    {
        foreach (int seed in seeds)
        {
            await using TaughtServer server = await TaughtServer.StartAsync();
            var random = new CorpusRandom((ulong)(2000 + seed));
            StatusReport[] learned = [.. Enumerable.Range(0, 300).Select(_ => StatusReport.Draw(random, isNew: false))];
            await server.ImportAsync("reports.jsonl", learned.Select(r => Row(r.Question, r.Answer)));
            Told(report, $"300 reports, seed {seed}", await server.TrainAsync(seed));
            foreach (bool isNew in (bool[])[false, true])
            {
                int valid = 0, bound = 0;
                double fields = 0;
                const int asked = 40;
                for (int i = 0; i < asked; i++)
                {
                    StatusReport asks = StatusReport.Draw(random, isNew);
                    (bool isValid, double share) = asks.Judge(await server.AskAsync([("user", asks.Question)], seed: i));
                    valid += isValid ? 1 : 0;
                    fields += share;
                    bound += asks.Judge(await server.AskAsync([("user", asks.Question)], seed: i, StatusReport.Schema)).IsValid ? 1 : 0;
                }
                string what = $"300 reports, seed {seed}, {(isNew ? "new" : "known")} phrases";
                report.Add($"{what}: valid JSON", 100.0 * valid / asked, "%", atLeast: isNew ? 95 : 99);
                report.Add($"{what}: fields", 100.0 * fields / asked, "%", atLeast: isNew ? 70 : 95);
                report.Add($"{what}: valid with json_schema", 100.0 * bound / asked, "%", atLeast: 100);
            }
        }
    }

    private static void Told(Report report, string what, JsonElement run)
    {
        Console.Error.WriteLine($"{what}: {run.GetProperty("status").GetString()} {run.GetProperty("gate")}");
        report.Add($"{what}: seconds", run.GetProperty("finished_at").GetInt64() - run.GetProperty("created_at").GetInt64(), "s");
    }

    private static string Row(string question, string answer) => JsonSerializer.Serialize(new
    {
        messages = new[] { new { role = "user", content = question }, new { role = "assistant", content = answer } },
    });
}
