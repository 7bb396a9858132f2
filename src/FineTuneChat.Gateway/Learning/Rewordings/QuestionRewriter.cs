using FineTuneChat.Gateway.Learning.Distillation;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Learning.Rewordings;

/// <summary>
/// Finds other words for the questions of examples, each question once: a teacher where one is named, otherwise, or while it cannot be reached, the base
/// itself.
/// </summary>
internal sealed partial class QuestionRewriter(
    RewordingStore store, EngineRouter engines, EngineSettings engineSettings, RetrainingSettings settings,
    TeacherSettings teacherSettings, ILogger<QuestionRewriter> logger)
{
    private const int TokensPerWording = 48, TokensOfReply = 128;
    private const double Temperature = 0.8;
    private const int Fewest = 2, MostInAll = 400; // wordings of a question, and of all: many facts are learned by their number; so, too, of the sentences
    private const int Tries = 3; // the likeliest reply, then two that are drawn

    /// <summary>The reply to a question; null where there is none.</summary>
    private delegate Task<string?> Ask(string question, int maxTokens, double temperature, int seed, CancellationToken cancellation);

    /// <summary>Adds wordings to those of the examples whose question has none yet.</summary>
    public async Task<Wordings> RewriteAsync(
        Assistant assistant, IReadOnlyCollection<Example> examples, CancellationToken cancellation)
    {
        if (settings.Rewordings == 0)
            return Wordings.None;
        (string Example, string Text)[] all =
            [.. examples.Select(e => (e.Id, Question: RewordingRules.Question(e)!)).Where(e => e.Question is not null)];
        int count = Math.Min(settings.Rewordings, Math.Max(Fewest, MostInAll / Math.Max(1, all.Length)));
        if (Unasked(all).Length > 0 && teacherSettings.IsNamed())
            await AskTeacherAsync(Unasked(all), count, cancellation);
        if (Unasked(all).Length > 0)
            await AskBaseAsync(assistant, Unasked(all), count, cancellation);

        // A wording that is the question of another example has the answer of that one, and one of two examples has none.
        HashSet<DedupKey> questions = [.. all.Select(e => DedupKey.OfQuestion(e.Text))];
        ILookup<(string, string), string> enabled = store.Enabled();
        HashSet<string> facts = [.. examples.Except(Derivable.Of(examples)).Select(e => e.Id)]; // a task is more than its words
        Dictionary<string, string> heldOut = all.Select(e => (e.Example, Text: RewordingRules.HeldOut(e.Text, [.. enabled[e]])))
            .Where(e => e.Text is not null && !questions.Contains(DedupKey.OfQuestion(e.Text))).ToDictionary(e => e.Example, e => e.Text!);
        questions.UnionWith(heldOut.Values.Select(DedupKey.OfQuestion));
        return new(all.SelectMany(e => enabled[e].Select(text => (e.Example, Text: text)))
            .Concat(SentencesOf(assistant.Base, [.. all.Where(e => facts.Contains(e.Example) && !IsSwitchedOff(KeyWords.Of(e.Text), enabled[e]))]))
            .Select(e => (e.Example, e.Text, Key: DedupKey.OfQuestion(e.Text)))
            .Where(e => !questions.Contains(e.Key)).GroupBy(e => e.Key).Where(same => same.DistinctBy(e => e.Example).Count() == 1)
            .Select(same => same.First()).ToLookup(e => e.Example, e => e.Text), heldOut);
    }

    private static bool IsSwitchedOff(KeyWords words, IEnumerable<string> enabled) => words.AreEnough && !enabled.Contains(words.Text);

    /// <summary>For a small base, sentences around the key words of each question.</summary>
    private IEnumerable<(string Example, string Text)> SentencesOf(BaseModel model, (string Example, string Text)[] questions)
    {
        int count = Math.Min(settings.SentencesFor(model), MostInAll / Math.Max(1, questions.Length));
        if (count == 0)
            return [];
        KeyWords[] words = [.. questions.Select(q => KeyWords.Of(q.Text))];
        IReadOnlySet<string>[] sets = [.. words.Select(w => w.ToSet())];
        return questions.SelectMany((q, i) =>
            words[i].SentencesFor(q.Text, count, [.. sets.Where((_, other) => other != i)]).Select(text => (q.Example, text)));
    }

    private (string Example, string Text)[] Unasked((string Example, string Text)[] questions)
    {
        IReadOnlySet<(string, string)> asked = store.Asked();
        return [.. questions.Where(q => !asked.Contains(q))];
    }

    /// <summary>A teacher that fails costs wordings, not the run: what it did not write, the base writes.</summary>
    private async Task AskTeacherAsync((string Example, string Text)[] questions, int count, CancellationToken cancellation)
    {
        try
        {
            await using TeacherSession session = teacherSettings.Url.Length > 0
                ? TeacherSession.OfServer(teacherSettings)
                : await TeacherSession.OfRouterAsync(engines, teacherSettings.Model, cancellation);
            await RewordAsync(
                questions, count, teacherSettings.Parallel,
                async (question, maxTokens, temperature, _, token) =>
                    (await session.Teacher.AskAsync([PromptList.User(question)], maxTokens, temperature, token)).Text,
                isChecked: false, cancellation);
        }
        catch (TeacherException e)
        {
            LogNoTeacher(logger, e.Message);
        }
    }

    private async Task AskBaseAsync(Assistant assistant, (string Example, string Text)[] questions, int count, CancellationToken cancellation)
    {
        using BaseSession session = await BaseSession.OpenAsync(engines, assistant, cancellation);
        await RewordAsync(
            questions, count, engineSettings.Parallel,
            (question, maxTokens, temperature, seed, token) => session.AskAsync(question, maxTokens, temperature, seed, token),
            isChecked: true, cancellation);
    }

    private Task RewordAsync(
        (string Example, string Text)[] questions, int count, int parallel, Ask ask, bool isChecked, CancellationToken cancellation) => Parallel.ForEachAsync(
        questions, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation }, async (question, token) =>
        {
            IReadOnlyList<string> found = await WordingsAsync(ask, question.Text, count, token);
            if (isChecked)
                found = await AskingTheSameAsync(ask, question.Text, found, token);
            KeyWords words = KeyWords.Of(question.Text);
            IEnumerable<string> all = words.AreEnough ? [words.Text, .. found] : found; // where the model finds none, there are still these
            await store.SetAsync(question.Example, question.Text, [.. all.Take(count).Select(text => new Rewording { Text = text })]);
        });

    /// <summary>Those to which the model replies as to the question itself. Where it has no reply to that, nothing can be said.</summary>
    private static async Task<IReadOnlyList<string>> AskingTheSameAsync(
        Ask ask, string question, IReadOnlyList<string> wordings, CancellationToken cancellation)
    {
        if (wordings.Count == 0 || await ReplyAsync(question) is not { } reply)
            return wordings;
        var same = new List<string>();
        foreach (string wording in wordings)
            if (await ReplyAsync(wording) is { } other && RewordingRules.SayTheSame(reply, other))
                same.Add(wording);
        return same;

        Task<string?> ReplyAsync(string text) => ask(text, TokensOfReply, 0, 0, cancellation);
    }

    private static async Task<IReadOnlyList<string>> WordingsAsync(Ask ask, string question, int count, CancellationToken cancellation)
    {
        IReadOnlyList<string> found = [];
        string replies = "";
        for (int i = 0; i < Tries && found.Count < count; i++)
        {
            string? reply = await ask(
                RewordingRules.Request(question, count), TokensPerWording * count, i == 0 ? 0 : Temperature, i, cancellation);
            replies += $"{reply}\n";
            found = RewordingRules.Read(question, replies, count);
        }
        return found;
    }

    [LoggerMessage(5006, LogLevel.Warning, "The base writes the other wordings of questions itself: {Reason}")]
    private static partial void LogNoTeacher(ILogger logger, string reason);
}
