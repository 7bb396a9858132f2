using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>What clients get over HTTP is what a bare loop of <c>llama_decode</c> writes.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ExactnessTests : IAsyncLifetime
{
    private const int Tokens = 40;

    /// <summary>Between the two best logits: other batches round otherwise, and what a random model holds for almost equally probable changes places.</summary>
    private const float Decided = 0.05f;

    private readonly TestEngine _engine = new(); // one for each case: a cached prefix of the other's would be computed in other batches

    public Task InitializeAsync() => _engine.InitializeAsync();

    public Task DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streamed_or_whole_alone_or_together_a_greedy_reply_is_the_bare_loops(bool reuse)
    {
        (string Question, string Reply)[] cases = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => DecidedAsync($"{reuse}", 3 + (23 * i))));
        string[] questions = [.. cases.Select(c => c.Question)], expected = [.. cases.Select(c => c.Reply)];

        for (int i = 0; i < questions.Length; i++)
        {
            Assert.Equal(expected[i], await AskAsync(questions[i], reuse));
            Assert.Equal(expected[i], await StreamAsync(questions[i], reuse));
        }

        Assert.Equal(expected, await Task.WhenAll(questions.Select((q, i) => i % 2 == 0 ? AskAsync(q, reuse) : StreamAsync(q, reuse))));
    }

    private static string Request(string question, bool reuse, bool stream) =>
        TestEngine.Ask(question,
            $"\"max_tokens\":{Tokens},\"ignore_eos\":true,\"cache_prompt\":{(reuse ? "true" : "false")},\"stream\":{(stream ? "true" : "false")}");

    private async Task<string> AskAsync(string question, bool reuse) => TestEngine.TextOf(await _engine.AnswerAsync(Request(question, reuse, stream: false)));

    private async Task<string> StreamAsync(string question, bool reuse)
    {
        using HttpResponseMessage response = await _engine.PostAsync(Request(question, reuse, stream: true), HttpCompletionOption.ResponseHeadersRead);
        IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(response);
        return string.Concat(chunks.Select(c => c["choices"]![0]!["delta"]!["content"]?.GetValue<string>()));
    }

    /// <summary>A question of this length whose reply has no near tie, and the bare loop's reply.</summary>
    private async Task<(string Question, string Reply)> DecidedAsync(string start, int length)
    {
        for (char letter = 'a'; letter <= 'z'; letter++)
        {
            string question = start + new string(letter, length);
            (string reply, float margin) = await BareAsync(question);
            if (margin >= Decided)
                return (question, reply);
        }
        throw new InvalidOperationException($"Each reply to a question of {length} letters has two tokens that are almost equally probable.");
    }

    private async Task<(string Reply, float Margin)> BareAsync(string question)
    {
        using HttpResponseMessage response = await _engine.Http.PostAsJsonAsync("/apply-template",
            new { messages = new[] { new { role = "user", content = question } } });
        string prompt = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("prompt").GetString()!;
        NativeLibraries.Load();
        using LlamaModel model = LlamaModel.Load(_engine.Model);
        return Bare(model, model.Vocabulary.Tokenize(prompt, addSpecial: false, parseSpecial: true));
    }

    private static (string Reply, float Margin) Bare(LlamaModel model, int[] prompt)
    {
        using var context = new LlamaContext(model, new() { CacheTokens = TestEngine.Context });
        using var sampler = new SamplerChain(model);
        sampler.AddLogitBias(
            [.. Enumerable.Range(0, model.Vocabulary.Count).Where(model.Vocabulary.IsEndOfGeneration).Select(
            t => KeyValuePair.Create(t, float.NegativeInfinity))]).AddGreedy();
        var batch = new LlamaBatch(prompt.Length);
        var bytes = new List<byte>();
        int[] next = prompt;
        float margin = float.PositiveInfinity;
        for (int done = 0, written = 0; written < Tokens; written++)
        {
            batch.Clear();
            foreach (int token in next)
                batch.Add(token, done++, sequence: 0, output: batch.Count == next.Length - 1);
            Assert.Equal(DecodeResult.Ok, context.Decode(batch));
            float[] logits = [.. context.LogitsOf(batch.Count - 1)];
            next = [sampler.Sample(context, batch.Count - 1)];
            margin = Math.Min(margin, logits[next[0]] - logits.Where((_, token) => token != next[0] && !model.Vocabulary.IsEndOfGeneration(token)).Max());
            bytes.AddRange(model.Vocabulary.PieceOf(next[0]));
        }

        var characters = new char[bytes.Count];
        return (new string(characters, 0, Encoding.UTF8.GetDecoder().GetChars([.. bytes], characters, flush: false)), margin); // whole ones
    }
}
