using System.Diagnostics;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Postgres;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Gateway.Storage.Transfer;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.TestSupport;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace FineTuneChat.Benchmarks;

/// <summary>The database after years of use, a million messages: what the page lists and searches, and what a reply costs to log.</summary>
internal static class StorageBenchmark
{
    private const int TurnsPerConversation = 10, WordsPerMessage = 40, Words = 20_000, Logged = 300;
    private const double ListBar = 50, LogBar = 1; // milliseconds
    private static readonly ListQuery FirstPage = ListQuery.Of("50", null);

    public static async Task RunAsync(Report report, bool isSmall)
    {
        int conversations = isSmall ? 2_000 : 50_000;
        using var folder = new TemporaryFolder();
        await using var database = new SqliteDatabase(folder["finetunechat.db"]);
        await FillAsync(database, conversations);
        report.Add("storage: messages", database.Read(c => c.ExecuteScalar<long>("SELECT COUNT(*) FROM messages")), "messages");
        await MeasureAsync(report, database, conversations, "storage");

        if (Environment.GetEnvironmentVariable("FTC_POSTGRES") is not { } connectionString) // of an empty database
            return;
        await using var postgres = new PostgresDatabase(connectionString, isServer: true);
        long start = Stopwatch.GetTimestamp();
        long rows = await new DatabaseCopy(database, postgres, _ => { }).RunAsync();
        report.Add("storage: rows copied to PostgreSQL and compared", rows, "rows");
        report.Add("storage: copied and compared in", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        await postgres.EraseDeletedAsync(); // as autovacuum would have done
        await postgres.WriteAsync(c => c.Execute("ANALYZE;"));
        await MeasureAsync(report, postgres, conversations, "storage, PostgreSQL");
    }

    private static async Task MeasureAsync(Report report, Database database, int conversations, string name)
    {
        report.Add($"{name}: size", database.Size() / 1e6, "MB");
        var store = new ConversationStore(database);
        string middle = $"conv_{conversations / 2:D8}";
        Measure("list of conversations", () => store.List(Caller.Local, new ConversationFilter(), FirstPage));
        Measure("the same, from the middle on", () => store.List(Caller.Local, new ConversationFilter(), ListQuery.Of("50", middle)));
        Measure("search for a word in every conversation", () => store.List(Caller.Local, new ConversationFilter(Search: "w0"), FirstPage));
        Measure("search for a rare word", () => store.List(Caller.Local, new ConversationFilter(Search: $"w{Words - 1}"), FirstPage));
        Measure("search for two words", () => store.List(Caller.Local, new ConversationFilter(Search: "w10 w11"), FirstPage));
        Measure("search for a beginning", () => store.List(Caller.Local, new ConversationFilter(Search: "w19"), FirstPage));
        Measure("search for what is nowhere", () => store.List(Caller.Local, new ConversationFilter(Search: "nowhere"), FirstPage));
        Measure("a conversation", () => store.Find(Caller.Local, middle));
        var ratings = new RatingStore(database, TimeProvider.System);
        Measure(
            "list of stored completions",
            () => new StoredCompletionStore(database, ratings)
                .List(Caller.Local, new StoredCompletionQuery(FirstPage, IsAscending: false, null, new Dictionary<string, string>())));
        Measure(
            "list of examples",
            () => new ExampleStore(database, new(), TimeProvider.System).List(AssistantNames.Default, status: null, search: null, import: null, FirstPage));
        Measure("what waits to be learned", () => new ExampleStore(database, new(), TimeProvider.System).CountWaiting(AssistantNames.Default));

        double[] logging = await LogAsync(database, name);
        report.Add($"{name}: logging a reply, median", logging[Logged / 2], "ms", logging[Logged / 2] / LogBar, "the bar of 1 ms");
        report.Add($"{name}: logging a reply, 95th percentile", logging[Logged * 95 / 100], "ms");

        void Measure(string what, Func<object?> query)
        {
            double milliseconds = 1000 * Clock.Best(5, () => query());
            report.Add($"{name}: {what}", milliseconds, "ms", milliseconds / ListBar, "the bar of 50 ms");
        }
    }

    /// <summary>Milliseconds of each, sorted.</summary>
    private static async Task<double[]> LogAsync(Database database, string name)
    {
        var log = new ExchangeLog(database, new ConversationReporter(new EventHub(), database), TimeProvider.System, NullLogger<ExchangeLog>.Instance);
        var random = new Random(2);
        var times = new double[Logged];
        for (int i = 0; i < Logged; i++)
        {
            var exchange = new Exchange
            {
                Request = new ChatCompletionRequest { Model = "assistant", Temperature = 0.5, Messages = [new() { Role = "user", Content = Text(random) }] },
                Reply = new Reply
                {
                    CompletionId = $"chatcmpl-{name.Length}-new{i}",
                    Messages = [new() { Role = "assistant", Content = Text(random) }],
                    FinishReason = "stop",
                },
                ConversationId = null,
                Assistant = AssistantNames.Default,
                Version = 0,
                Model = "assistant@0",
                StartedAt = DateTimeOffset.UtcNow,
                Duration = TimeSpan.FromSeconds(1),
            };
            long start = Stopwatch.GetTimestamp();
            await log.WriteAsync(exchange);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times;
    }

    private static Task FillAsync(Database database, int conversations) => database.WriteAsync(writer =>
    {
        var connection = (SqliteConnection)writer;
        var random = new Random(1);
        using SqliteCommand conversation = Prepare(connection,
            "INSERT INTO conversations (id, assistant, title, created_at, updated_at) VALUES ($0, 'assistant', $1, $2, $2)", 3);
        using SqliteCommand message = Prepare(connection,
            "INSERT INTO messages (id, conversation_id, parent_id, path_hash, message, created_at) VALUES ($0, $1, $2, $3, $4, $5)", 6);
        using SqliteCommand exchange = Prepare(connection,
            """
            INSERT INTO exchanges (completion_id, conversation_id, assistant, model, version, prompt_id, reply_id, request, finish_reason,
                                   prompt_tokens, completion_tokens, duration_ms, created_at)
            VALUES ($0, $1, 'assistant', 'assistant@0', 0, $2, $3, '{}', 'stop', 100, 50, 1000, $4)
            """, 5);
        using SqliteCommand example = Prepare(connection,
            "INSERT INTO examples (id, assistant, completion_id, conversation_id, status, source, messages, created_at, updated_at) "
            + "VALUES ($0, 'assistant', $1, $2, 'accepted', 'rating', $3, $4, $4)", 5);
        byte[] hash = new byte[32];
        long id = 0;
        for (int c = 0; c < conversations; c++)
        {
            string name = $"conv_{c:D8}";
            long time = 1_700_000_000_000 + (c * 60_000L);
            Run(conversation, name, Text(random)[..30], time);
            object parent = DBNull.Value;
            for (int turn = 0; turn < TurnsPerConversation; turn++)
            {
                long question = ++id, reply = ++id;
                foreach ((long message, string role) part in ((long, string)[])[(question, "user"), (reply, "assistant")])
                {
                    random.NextBytes(hash);
                    Run(message, part.message, name, parent, hash, JsonSerializer.Serialize(new { role = part.role, content = Text(random) }), time);
                    parent = part.message;
                }
                Run(exchange, $"chatcmpl-{reply}", name, question, reply, time);
                if (turn == 0 && c % 5 == 0) // one reply in fifty is rated up
                    Run(example, $"ex_{c:D8}", $"chatcmpl-{reply}", name, """[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]""", time);
            }
        }
    });

    private static SqliteCommand Prepare(SqliteConnection connection, string sql, int parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < parameters; i++)
            command.Parameters.Add(new SqliteParameter($"${i}", null));
        return command;
    }

    private static void Run(SqliteCommand command, params object[] values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }

    /// <summary>Words with the frequencies of a language: the first is in nearly every message, the last in a few.</summary>
    private static string Text(Random random) =>
        string.Join(' ', Enumerable.Range(0, WordsPerMessage).Select(_ => $"w{(int)Math.Pow(Words, random.NextDouble()) - 1}"));
}
