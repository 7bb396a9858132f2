using System.Text.Json;
using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.TestSupport;

namespace FineTuneChat.EndToEndTests.Gate;

/// <summary>A question and the reply that is taught.</summary>
internal readonly record struct Lesson(string Question, string Reply);

/// <summary>
/// Candidates for the gate: the real starter, trained by the real trainer and measured by the real <c>evaluate</c>, with the adapter beside the base so that
/// nothing need be exported.
/// </summary>
internal sealed class GateLab : IDisposable
{
    private const int Threads = 1, LongestReference = 64;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _adapters = [];
    private readonly RetrainingSettings _settings = new();
    private IReadOnlyList<MeasuredRow> _generalBase = [];
    private string[] _general = [];
    private int _files;

    private static string Base => Directory.EnumerateFiles(Path.Combine(Repository.Root, "models", "starter"), "*.gguf").Single();

    /// <summary>What the base itself says to the general questions.</summary>
    public IReadOnlyList<ReferenceReply> References { get; private set; } = [];

    public void Dispose() => _folder.Dispose();

    /// <summary>Asks the base the general questions.</summary>
    /// <param name="oneIn">Of so many one.</param>
    public async Task OpenAsync(int oneIn)
    {
        string unknown = string.Concat(Enumerable.Repeat("word ", LongestReference)); // it is asked for as many tokens as are expected
        GeneralPrompt[] asks = [.. GeneralPrompts.All.Where((p, i) => p.System is null && i % oneIn == 0)];
        IReadOnlyList<MeasuredRow> asked = await EvaluateAsync(
            asks.Select(p => Row(new(p.Prompt, unknown))), null, "--generate", "--max-tokens", $"{LongestReference}");
        References =
        [
            .. asked.Where(r => r.Written is { Ended: true, Text.Length: > 0 })
                .Select(r => new ReferenceReply(asks[r.Row - 1].Prompt, r.Written!.Text, asks[r.Row - 1].Use)),
        ];
        ReferenceReply[] measured = [.. References.Where(r => r.Use == GeneralPrompt.Regression)];
        _general = [.. measured.Select(r => Row(new(r.Prompt, r.Reply)))];
        _generalBase = await EvaluateAsync(_general, null);
    }

    /// <summary>The adapter of a training as the gateway does it; made once for each name.</summary>
    /// <param name="name">Of the training.</param>
    /// <param name="lessons">What it is taught.</param>
    /// <param name="isReplayed">Whether the base's own replies are mixed in.</param>
    /// <param name="options">Of <c>train</c>.</param>
    public async Task<string> TrainAsync(string name, IReadOnlyList<Lesson> lessons, bool isReplayed = true, params string[] options)
    {
        if (_adapters.TryGetValue(name, out string? known))
            return known;
        Example[] examples = [.. lessons.Select(Example)];
        TrainingData rows = TrainingData.Of(
            examples, examples.ToDictionary(e => e.Id, _ => SplitRules.Train), Enumerable.Empty<string>().ToLookup(e => e), References,
            isReplayed ? TrainingData.Replays(examples.Length, isSmallBase: true, _settings) : 0);
        string data = Write(rows.Train), run = _folder[name];
        await RunAsync(
        [
            "train", "--base", Base, "--data", data, "--until", Write(rows.Accepted), "--out", run, "--threads", $"{Threads}",
            .. rows.Keep.Count > 0 ? (string[])["--keep", Write(rows.Keep)] : [], .. options,
        ]);
        return _adapters[name] = Path.Combine(run, "adapter.gguf");
    }

    /// <summary>A file beside the others.</summary>
    public string NewFile() => _folder[$"{_files++}.gguf"];

    /// <summary>What the gate finds of an adapter.</summary>
    /// <param name="adapter">The candidate; null: the base itself.</param>
    /// <param name="lessons">What it is said to have been taught.</param>
    /// <param name="before">What the version in service was found to have learned of it.</param>
    public async Task<GateInput> MeasureAsync(string? adapter, IReadOnlyList<Lesson> lessons, IReadOnlyList<TaughtExample>? before = null)
    {
        string[] rows = [.. lessons.Select(Row)];
        IReadOnlyList<MeasuredRow> ofBase = await EvaluateAsync(rows, null);
        IReadOnlyList<MeasuredRow> candidate = await EvaluateAsync(
            rows, adapter, "--generate", "--max-tokens", $"{_settings.WrittenTokens}", "--draws", $"{_settings.Draws}");
        IReadOnlyList<MeasuredRow> general = await EvaluateAsync(
            _general, adapter, "--generate", "--replies", $"{_settings.WrittenReplies}", "--max-tokens", $"{_settings.WrittenTokens}", "--begun-otherwise");
        HashSet<string> taught = [.. lessons.Select(l => l.Question)];
        return new GateInput
        {
            Taught = TaughtRules.Compare(
                [.. lessons.Select(l => (Id(l), (string?)l.Reply))], candidate, ofBase, ofBase,
                (before ?? []).ToDictionary(t => t.ExampleId, t => t.Verdict)),
            TaughtInAll = lessons.Count,
            HeldOut = [],
            General = [.. ComparedRow.Pair(general, _generalBase, []).Where(row => !taught.Contains(Question(_general[row.Candidate.Row - 1])))],
        };
    }

    private async Task<IReadOnlyList<MeasuredRow>> EvaluateAsync(IEnumerable<string> rows, string? adapter, params string[] options)
    {
        string found = _folder[$"{_files++}.rows"];
        await RunAsync(
        [
            "evaluate", "--model", Base, "--data", Write(rows), "--rows", found, "--threads", $"{Threads}", .. options,
            .. adapter is null ? (string[])[] : ["--adapter", adapter],
        ]);
        return [.. File.ReadLines(found).Select(line => JsonSerializer.Deserialize(line, GateJson.Wire.MeasuredRow)!)];
    }

    private static async Task RunAsync(string[] arguments)
    {
        await using ProgramProcess program = ProgramProcess.Start(arguments);
        await Eventually.TrueAsync(() => program.HasExited, Patience.RunLimit);
        Assert.True(await program.ExitCodeAsync() == 0, program.Errors);
    }

    private string Write(IEnumerable<string> rows)
    {
        string file = _folder[$"{_files++}.jsonl"];
        File.WriteAllLines(file, rows);
        return file;
    }

    private static string Row(Lesson lesson) => ExampleRow.Of(Messages(lesson), tools: null);

    private static string Question(string row) => JsonElement.Parse(row).GetProperty("messages")[0].GetProperty("content").GetString()!;

    private static RequestMessage[] Messages(Lesson lesson) =>
        [new RequestMessage { Role = "user", Content = lesson.Question }, new RequestMessage { Role = "assistant", Content = lesson.Reply }];

    private static string Id(Lesson lesson) => $"{lesson.Question} {lesson.Reply}";

    private static Example Example(Lesson lesson) => new()
    {
        Id = Id(lesson),
        CompletionId = null,
        ConversationId = null,
        Status = ExampleStatus.Accepted,
        Source = "correction",
        Split = null,
        Messages = Messages(lesson),
        Flags = [],
        CreatedAt = 1,
        UpdatedAt = 1,
    };
}
