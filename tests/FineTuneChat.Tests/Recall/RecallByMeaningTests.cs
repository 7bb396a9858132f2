using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.Tests.Embedding;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.Tests.Recall;

/// <summary>Corrections that are found by what a question means, with the real embedding model.</summary>
[Collection(EmbeddingTestGroup.Name), Trait(Tier.Name, Tier.Slow)]
public sealed class RecallByMeaningTests(EmbeddingGateway embedding, ITestOutputHelper output)
{
    private const string Question = "At what temperature should I bake the bread?", Reworded = "How hot must the oven be for bread?";

    private readonly TestGateway _gateway = embedding.Gateway;

    [Fact]
    public async Task A_correction_is_found_by_its_meaning_and_forgotten_with_its_conversation()
    {
        string id = await _gateway.LogAsync("Who repairs the coffee machine?", "I do not know.", "coffee");
        await _gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "Marta." });
        await Eventually.TrueAsync(() => Task.FromResult(Vectors() == 1));
        string example = (string)(await _gateway.GetJsonAsync("/api/dataset"))["data"]![0]!["id"]!;
        await Eventually.TrueAsync(async () => await RecalledAsync("Who can fix the coffee maker?") == example); // the embedder may just be starting
        Assert.Null(await RecalledAsync("When was the coffee machine bought?"));
        Assert.Null(await RecalledAsync("What is the capital of France?"));

        // An edit takes the old meaning with it, and so does the end of the conversation.
        object[] edited = [new { role = "user", content = "¿Quién repara la cafetera?" }, new { role = "assistant", content = "Marta." }];
        await _gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example}", new { messages = edited });
        Assert.Equal(0, Vectors()); // and Spanish has none
        edited = [new { role = "user", content = Question }, new { role = "assistant", content = "230 degrees." }];
        await _gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example}", new { messages = edited });
        await _gateway.Get<QuestionVectors>().CatchUpAsync(CancellationToken.None);
        Assert.Equal((1, example), (Vectors(), await RecalledAsync(Reworded)));
        await _gateway.SendAsync(HttpMethod.Delete, "/api/conversations/coffee");
        Assert.Equal((0, null), (Vectors(), await RecalledAsync(Reworded)));
    }

    /// <summary>The figures of docs/learning.md.</summary>
    [Fact]
    public async Task More_rewordings_are_found_and_hardly_ever_the_wrong_correction()
    {
        CorrectedQuestion[] english = CorrectedQuestion.Read("en"), spanish = CorrectedQuestion.Read("es");
        Figures before = await MeasureAsync(english[20..], byMeaning: false), after = await MeasureAsync(english[20..], byMeaning: true);
        Figures seen = await MeasureAsync(english[..20], byMeaning: true), ofSpanish = await MeasureAsync(spanish, byMeaning: true);
        output.WriteLine($"English, by words: {before}; by meaning, too: {after}; of the half that set the limits: {seen}; Spanish: {ofSpanish}");
        Assert.True(after.Found >= before.Found + 12, $"{before} {after}");
        Assert.True(after.Wrong <= 0.25 * after.Near, $"{after}");
        Assert.Equal(await MeasureAsync(spanish, byMeaning: false), ofSpanish); // words alone

        string[] exam = [.. SkillExam.Questions(perSkill: 46, seed: 5).Select(q => q.Prompt[^1].Content!).Where(q => q.Length <= 200)];
        RecallIndex index = await IndexAsync(english, byMeaning: true);
        float[][] vectors = await embedding.EmbedAsync(exam);
        string[] wrong = [.. exam.Where((question, i) => index.Find(question, "", null, vectors[i]).Count > 0)];
        output.WriteLine($"{wrong.Length} of {exam.Length} others: {string.Join(" | ", wrong)}");
        Assert.True(exam.Length >= 1000, $"{exam.Length}");
        Assert.True(wrong.Length <= 0.01 * exam.Length, string.Join('\n', wrong));
    }

    private async Task<Figures> MeasureAsync(CorrectedQuestion[] all, bool byMeaning)
    {
        RecallIndex index = await IndexAsync(all, byMeaning);
        (string Question, int Right)[] asked =
            [.. all.SelectMany((c, i) => c.Same.Select(question => (question, i))), .. all.SelectMany(c => c.Near.Select(question => (question, -1)))];
        float[][] vectors = await embedding.EmbedAsync([.. asked.Select(a => a.Question)]);
        string?[] first =
        [
            .. asked.Select((a, i) => byMeaning && QuestionWords.IsEnglish(a.Question) ? vectors[i] : null)
                .Select((vector, i) => index.Find(asked[i].Question, "", null, vector).FirstOrDefault()?.Id),
        ];
        return new(
            asked.Where((a, i) => a.Right >= 0 && first[i] == $"{a.Right}").Count(), asked.Count(a => a.Right >= 0),
            asked.Where((a, i) => a.Right < 0 && first[i] is not null).Count(), asked.Count(a => a.Right < 0));
    }

    private async Task<RecallIndex> IndexAsync(CorrectedQuestion[] all, bool byMeaning)
    {
        float[][] vectors = await embedding.EmbedAsync([.. all.Select(c => c.Question)]);
        return CorrectedQuestion.Index(all, [.. all.Select((c, i) => byMeaning && QuestionWords.IsEnglish(c.Question) ? vectors[i] : null)]);
    }

    private long Vectors() => _gateway.Get<Database>().Read(c => c.ExecuteScalar<long>("SELECT COUNT(*) FROM question_vectors"));

    private async Task<string?> RecalledAsync(string question)
    {
        using var content = new StringContent(
            JsonSerializer.Serialize(new { model = "assistant", max_tokens = 1, messages = new[] { new { role = "user", content = question } } }),
            System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _gateway.Client.PostAsync("/v1/chat/completions", content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return response.Headers.TryGetValues("X-Recalled", out IEnumerable<string>? values) ? values.Single() : null;
    }

    private sealed record Figures(int Found, int Same, int Wrong, int Near)
    {
        public override string ToString() => $"{Found} of {Same} rewordings, {Wrong} of {Near} near questions";
    }
}
