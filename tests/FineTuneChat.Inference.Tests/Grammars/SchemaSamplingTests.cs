using System.Text;
using System.Text.Json;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Grammars;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests.Grammars;

/// <summary>A model that knows nothing, at a temperature that makes it wild, writes what the schema says all the same.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SchemaSamplingTests : IDisposable
{
    private const int Schemas = 200;

    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model;

    public SchemaSamplingTests()
    {
        NativeLibraries.Load();
        _model = LlamaModel.Load(RandomModel.Write(_folder["tiny.gguf"], new RandomModelShape(Layers: 1, Width: 32, Heads: 2, KvHeads: 1, FeedForward: 32)));
    }

    private InferenceEngine Engine() => new(
        new LlamaModelRunner(_model, new() { CacheTokens = 16 * 512, MaxSequences = 16, BatchSize = 64, Threads = 1 }),
        new() { ContextLength = 512, MaxQueue = 100_000 }, TimeProvider.System);

    private static async Task<(string Text, FinishReason Reason)> WriteAsync(InferenceEngine engine, string grammar, uint seed, float temperature = 1.5f)
    {
        Generation generation = engine.Submit(new()
        {
            Prompt = [.. Encoding.UTF8.GetBytes($"{seed}").Select(b => (int)b)],
            MaxTokens = 450,
            Sampling = new()
            {
                Grammar = grammar,
                Seed = seed,
                Temperature = temperature,
                TopK = 0,
                TopP = 1,
                MinP = 0,
                LogitBias = new Dictionary<int, float> { ['"'] = 4, ['}'] = 3, [']'] = 3, [','] = 1 }
            },
        }, CancellationToken.None).Generation!;
        var text = new StringBuilder();
        FinishReason reason = default;
        await foreach (GenerationEvent next in generation.Events.ReadAllAsync())
        {
            text.Append(next.Text);
            reason = next.Summary?.Reason ?? reason;
        }
        return (text.ToString(), reason);
    }

    [Fact]
    public async Task Every_finished_reply_is_valid()
    {
        string[] schemas = [.. Enumerable.Range(0, int.MaxValue).Select(i => new RandomSchema(i).Write()).Where(CanBeMet).Take(Schemas * Scale.Factor)];
        await using InferenceEngine engine = Engine();

        (string Text, FinishReason Reason)[] replies = await Task.WhenAll(
            schemas.Select((schema, i) => WriteAsync(engine, JsonGrammar.OfSchema(JsonElement.Parse(schema)), (uint)i)));

        SchemaJudge.Case[] finished = [.. replies.Index().Where(r => r.Item.Reason == FinishReason.Stop).Select(
            r => new SchemaJudge.Case(schemas[r.Index], r.Item.Text))];
        Assert.True(finished.Length > schemas.Length * 2 / 3, $"only {finished.Length} of {schemas.Length} replies were finished");
        Assert.Empty((await SchemaJudge.JudgeAsync(finished)).Zip(finished).Where(v => v.First is not null)
            .Select(v => $"{v.First}\n{v.Second.Text}\n{v.Second.Schema}\n").Take(5));
    }

    /// <summary>Conditions that were put together by chance may exclude each other, or be two formats of one string; anything else must compile.</summary>
    private static bool CanBeMet(string schema)
    {
        try
        {
            return JsonGrammar.OfSchema(JsonElement.Parse(schema)).Length > 0;
        }
        catch (SchemaException e) when (e.Reason is "no value meets this schema" or "a string cannot have two formats")
        {
            return false;
        }
    }

    [Theory]
    [InlineData("hermes")]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("mistral-named")]
    [InlineData("json")]
    public async Task Every_enforced_call_is_read_as_one(string name)
    {
        ToolFormat format = new[] { ToolFormat.Hermes, ToolFormat.Llama, ToolFormat.Mistral, ToolFormat.MistralNamed, ToolFormat.Json }.Single(f =>
            f.Name == name);
        ChatTool[] tools = [.. Enumerable.Range(0, 3).Select(i => new ChatTool(JsonElement.Parse($$$"""
            {"type":"function","function":{"name":"f{{{i}}}","parameters":{"type":"object",
             "properties":{"a":{"type":"string","maxLength":{{{i * 5}}}},"b":{"type":"number"}},"required":["a"],"additionalProperties":false} } }
            """)))];
        string grammar = new ReplyGrammar { Format = format, Tools = tools, MustCall = true, Reasoning = ReasoningStart.Possible }.Write();
        await using InferenceEngine engine = Engine();

        (string Text, FinishReason Reason)[] replies = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => WriteAsync(engine, grammar, (uint)i)));

        var calls = new List<SchemaJudge.Case>();
        foreach (string text in replies.Where(r => r.Reason == FinishReason.Stop).Select(r => r.Text))
        {
            var reader = new ReplyReader(ReasoningStart.Possible, format, [.. tools.Select(t => t.Name)], () => "id");
            ReplyPart[] parts = [.. reader.Read(text), .. reader.Finish()];
            Assert.True(parts.All(p => p.Text is null) && parts.Any(p => p.Call is not null), text);
            calls.AddRange(parts.Where(p => p.Call is not null)
                .Select(p => new SchemaJudge.Case(tools.Single(t => t.Name == p.Call!.Name).Parameters!.Value.GetRawText(), p.Call!.Arguments)));
        }

        Assert.True(calls.Count > 10, $"only {calls.Count} calls");
        Assert.All(await SchemaJudge.JudgeAsync(calls), Assert.Null);
    }

    [Fact]
    public async Task Any_object_is_json()
    {
        await using InferenceEngine engine = Engine();

        (string Text, FinishReason Reason)[] replies = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(i => WriteAsync(engine, JsonGrammar.OfSchema(JsonGrammar.AnyObject), (uint)i)));

        string[] finished = [.. replies.Where(r => r.Reason == FinishReason.Stop).Select(r => r.Text)];
        Assert.True(finished.Length > 20, $"only {finished.Length} replies were finished");
        Assert.All(finished, text => Assert.Equal(JsonValueKind.Object, JsonElement.Parse(text).ValueKind));
    }

    [Fact]
    public async Task The_likeliest_allowed_token_is_taken_without_temperature()
    {
        await using InferenceEngine engine = Engine();
        string grammar = JsonGrammar.OfSchema(JsonElement.Parse("""{"enum":["alpha","beta"]}"""));

        (string Text, FinishReason Reason) reply = await WriteAsync(engine, grammar, 1, temperature: 0);

        Assert.Contains(reply, new[] { ("\"alpha\"", FinishReason.Stop), ("\"beta\"", FinishReason.Stop) });
        Assert.Equal(reply, await WriteAsync(engine, grammar, 1, temperature: 0));
    }

    [Fact]
    public async Task A_grammar_that_no_token_can_follow_ends_its_reply_and_no_other()
    {
        await using InferenceEngine engine = Engine();
        Task<(string Text, FinishReason Reason)> other = WriteAsync(engine, JsonGrammar.OfSchema(JsonGrammar.AnyObject), 5);

        await Assert.ThrowsAsync<LlamaException>(() => WriteAsync(engine, "root ::= [\\x00]", 1)); // no token has this character
        await Assert.ThrowsAsync<LlamaException>(() => WriteAsync(engine, "root ::= (", 1));

        Assert.StartsWith("{", (await other).Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }
}
