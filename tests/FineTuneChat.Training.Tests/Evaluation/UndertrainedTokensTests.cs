using System.Text;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Evaluation;

/// <summary>Tokens that a model can hardly write are found, and learned all the same.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class UndertrainedTokensTests : IDisposable
{
    private static readonly string Starter = Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf");

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend;

    public UndertrainedTokensTests()
    {
        NativeLibraries.Load();
        _backend = new CpuBackend(threads: 2);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_starter_can_write_every_token_that_a_reply_may_have()
    {
        using MappedModel model = MappedModel.Open(Starter);
        using LlamaModel tokenizer = LlamaModel.Load(Starter, new ModelOptions { VocabularyOnly = true });
        IReadOnlyList<int> found = UndertrainedTokens.Among(model, [.. Enumerable.Range(0, Vocabulary(model))], _backend);
        Assert.All(found, token => Assert.True(
            tokenizer.Vocabulary.IsControl(token) || tokenizer.Vocabulary.PieceOf(token) is [0 or (byte)'\r'], $"token {token} cannot be written"));
    }

    [Fact]
    public void Nothing_stands_out_in_a_model_that_was_not_trained()
    {
        using MappedModel model = MappedModel.Open(RandomModel.Write(_folder["random.gguf"]));
        Assert.Empty(UndertrainedTokens.Among(model, [1, 2, 3], _backend));
        Assert.Throws<ArgumentException>(() => UndertrainedTokens.Among(model, [RandomModel.VocabularySize], _backend));
    }

    [Fact]
    public void Rows_that_were_never_asked_for_are_found_and_a_run_learns_to_write_them()
    {
        string[] wanted = ["[\"red\"]", "{\"shoes\": 4}", "[#12]", "{\"a\": [\"b\"]}"];
        int[] lost = Lose(wanted);
        using MappedModel damaged = MappedModel.Open(_folder["damaged.gguf"]);
        int[] all = [.. Enumerable.Range(0, Vocabulary(damaged))];
        using MappedModel starter = MappedModel.Open(Starter);
        Assert.Equal(lost, UndertrainedTokens.Among(damaged, all, _backend).Except(UndertrainedTokens.Among(starter, all, _backend)));

        TrainingExample[] examples = Encode(wanted);
        FineTuneResult result = Train(damaged, examples, trainsTokens: true);
        Assert.Equal(lost, result.UndertrainedTokens);
        Assert.Equal(wanted, Replies(examples.Length));

        result = Train(damaged, examples, trainsTokens: false);
        Assert.Null(result.UndertrainedTokens);
        Assert.NotEqual(wanted, Replies(examples.Length));
    }

    /// <summary>Writes the starter with the rows of these texts' marks all alike, as tokens are that training never asks for.</summary>
    private int[] Lose(string[] texts)
    {
        using LlamaModel tokenizer = LlamaModel.Load(Starter, new ModelOptions { VocabularyOnly = true });
        int[] tokens =
        [
            .. texts.SelectMany(text => tokenizer.Vocabulary.Tokenize(text, addSpecial: false, parseSpecial: false)).Distinct()
                .Where(token => !Encoding.UTF8.GetString(tokenizer.Vocabulary.PieceOf(token)).Any(char.IsLetterOrDigit)).Order(),
        ];
        Assert.True(tokens.Length > 5);
        using MappedModel starter = MappedModel.Open(Starter);
        float[] rows = starter[TokenRows.HeadOf(starter.File)].ToFloats();
        int count = Vocabulary(starter), width = rows.Length / count;
        float[] mean = [.. Enumerable.Range(0, width).Select(i => Enumerable.Range(0, count).Average(t => rows[(t * width) + i]))];
        using LoraAdapter adapter = LoraAdapter.Create(starter.File, 1, 1, 1, ["attn_q"], tokens);
        Span<float> added = adapter.Rows!.Added.Value.AsSpan<float>();
        for (int i = 0; i < added.Length; i++)
            added[i] = mean[i % width] - rows[(tokens[i / width] * width) + (i % width)];
        ModelMerge.Write(starter, adapter, _folder["damaged.gguf"], new Dictionary<string, object?>(), _backend);
        return tokens;
    }

    private FineTuneResult Train(MappedModel model, TrainingExample[] examples, bool trainsTokens)
    {
        var options = new FineTuneOptions { Epochs = 40, BatchSize = 4, LearningRate = 3e-3f };
        var run = new FineTuneRun(model, examples, [], options, _folder.Path, TimeProvider.System)
        {
            TrainsUndertrainedTokens = trainsTokens,
        };
        FineTuneResult result = run.Run(1, resume: false, _ => { }, CancellationToken.None);
        using LoraAdapter adapter = LoraFile.Load(_folder["adapter.gguf"], model.File);
        ModelMerge.Write(model, adapter, _folder["taught.gguf"], new Dictionary<string, object?>(), _backend);
        return result;
    }

    private static TrainingExample[] Encode(string[] replies)
    {
        using LlamaModel tokenizer = LlamaModel.Load(Starter, new ModelOptions { VocabularyOnly = true });
        ConversationEncoder encoder = ConversationEncoder.OfModel(tokenizer);
        return [.. replies.SelectMany((reply, i) => encoder.EncodeConversation([Question(i), new ChatMessage(ChatRole.Assistant, reply)], null))];
    }

    private static ChatMessage Question(int i) => new(ChatRole.User, $"Form {i}");

    private string[] Replies(int count)
    {
        using LlamaModel model = LlamaModel.Load(_folder["taught.gguf"]);
        ConversationEncoder encoder = ConversationEncoder.OfModel(model);
        int[][] prompts = [.. Enumerable.Range(0, count).Select(i => encoder.EncodePrompt([Question(i)], null))];
        return [.. GreedyReplies.Generate(model, null, prompts, maxTokens: 32, threads: 1, CancellationToken.None).Select(reply => reply.Text)];
    }

    private static int Vocabulary(MappedModel model) => (int)model.File.Find(TokenRows.HeadOf(model.File))!.Dimension(1);
}
