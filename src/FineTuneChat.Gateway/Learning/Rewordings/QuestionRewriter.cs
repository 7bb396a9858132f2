using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Learning.Rewordings;

/// <summary>Has the base itself find other words for the questions of examples, each question once.</summary>
internal sealed class QuestionRewriter(RewordingStore store, EngineRouter engines, EngineSettings engineSettings, RetrainingSettings settings)
{
    private const int TokensPerWording = 48;
    private const double Temperature = 0.8;
    private const int Tries = 3; // the likeliest reply, then two that are drawn

    /// <summary>Adds wordings to those of the examples whose question has none yet.</summary>
    /// <returns>By example: the wordings in which it is to be learned, too.</returns>
    public async Task<ILookup<string, string>> RewriteAsync(IReadOnlyCollection<Example> examples, CancellationToken cancellation)
    {
        if (settings.Rewordings == 0)
            return Enumerable.Empty<string>().ToLookup(id => id);
        IReadOnlySet<(string, string)> asked = store.Asked();
        (Example Example, string Question)[] all = [.. examples.Select(e => (e, Question: RewordingRules.Question(e)!)).Where(e => e.Question is not null)];
        (Example Example, string Question)[] unasked = [.. all.Where(e => !asked.Contains((e.Example.Id, e.Question)))];
        if (unasked.Length > 0)
        {
            using BaseSession session = await BaseSession.OpenAsync(engines, cancellation);
            await BaseSession.EachAsync(unasked, engineSettings, async (one, token) =>
            {
                IReadOnlyList<string> found = await WordingsAsync(session, one.Question, token);
                await store.SetAsync(one.Example.Id, one.Question, [.. found.Select(text => new Rewording { Text = text })]);
            }, cancellation);
        }

        // A wording that is the question of another example has the answer of that one.
        HashSet<DedupKey> questions = [.. all.Select(e => DedupKey.OfQuestion(e.Question))];
        ILookup<(string, string), string> enabled = store.Enabled();
        return all.SelectMany(e => enabled[(e.Example.Id, e.Question)].Select(text => (e.Example.Id, Text: text)))
            .Where(e => !questions.Contains(DedupKey.OfQuestion(e.Text))).ToLookup(e => e.Id, e => e.Text);
    }

    private async Task<IReadOnlyList<string>> WordingsAsync(BaseSession session, string question, CancellationToken cancellation)
    {
        IReadOnlyList<string> found = [];
        string replies = "";
        for (int i = 0; i < Tries && found.Count < settings.Rewordings; i++)
        {
            string? reply = await session.AskAsync(
                RewordingRules.Request(question, settings.Rewordings), TokensPerWording * settings.Rewordings, i == 0 ? 0 : Temperature, i, cancellation);
            replies += $"{reply}\n";
            found = RewordingRules.Read(question, replies, settings.Rewordings);
        }
        return found;
    }
}
