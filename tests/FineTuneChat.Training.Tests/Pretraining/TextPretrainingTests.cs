using FineTuneChat.Chat.Encoding;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Starter;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Pretraining;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Pretraining;

/// <summary>From plain text to a model that llama.cpp loads: tokenizer, two layers of width 32, a few steps.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class TextPretrainingTests : IDisposable
{
    private const int Steps = 8;

    private static readonly string[] Texts =
        [.. Enumerable.Range(0, 12).Select(i => string.Join("\n\n", Enumerable.Range(0, 60).Select(j =>
            $"In the year {1200 + (61 * i) + j} the miller of the valley had {j % 7 + 2} sheep and {i + 3} goats, and nobody asked him why.")))];

    private static readonly CorpusRequest Wanted =
        new() { Name = "valley", VocabularySize = 512, Layers = 2, Width = 32, Context = 128, Steps = Steps, LearningRate = 0.01 };

    private static readonly Recipe Small = CorpusPlan.For(60_000, Wanted, threads: 1, memory: 1L << 30).Recipe;

    private readonly TemporaryFolder _folder = new();

    public TextPretrainingTests() => NativeLibraries.Load();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_text_is_cut_into_windows_of_which_all_that_is_not_held_out_is_learned_once()
    {
        Assert.All(Texts, text => Assert.Equal(text, string.Concat(TextCorpus.Sections(text))));
        TextCorpus corpus = Corpus();
        string[] learned = [.. corpus.TokenizerTexts], all = [.. Texts.SelectMany(TextCorpus.Sections)];
        Assert.InRange(learned.Length, 1, all.Length - 1);
        Assert.Empty(learned.Except(all));
        using LlamaModel tokenizer = LlamaModel.Load(RandomModel.Write(_folder["base.gguf"]), new ModelOptions { VocabularyOnly = true });
        IReadOnlyList<TrainingExample> windows = corpus.Windows(tokenizer);
        Assert.All(windows.SkipLast(1), window => Assert.Equal((128, 127), (window.Tokens.Length, window.TargetCount)));
        string text = tokenizer.Vocabulary.Detokenize([.. windows.SelectMany(w => w.Tokens)]);
        Assert.All(learned, section => Assert.Contains(section, text));
        Assert.All(all.Except(learned), section => Assert.DoesNotContain(section, text));
        Assert.NotEmpty(corpus.HeldOut(tokenizer));
        Assert.Equal(windows.Count, corpus.Examples(tokenizer).Take(windows.Count).Distinct().Count()); // an epoch has each once
    }

    [Fact]
    public void A_model_from_nothing_loads_writes_and_is_the_same_when_it_was_interrupted()
    {
        var samples = new List<PretrainSample>();
        var losses = new List<TrainingProgress>();
        PretrainResult whole = Run("whole", losses.Add, default, samples);
        Assert.True(losses[^1].Loss < losses[0].Loss - 0.5, $"{losses[0].Loss} → {losses[^1].Loss}");
        Assert.True(whole.ValidationLoss < losses[0].Loss);
        Assert.Equal((Steps, Steps), (whole.Steps, samples.Count)); // a short run is looked at after each step
        Assert.All(samples, sample => Assert.StartsWith("In the year", sample.Prompt));
        using (LlamaModel model = LlamaModel.Load(whole.Model))
        {
            Assert.Equal(whole.Parameters, model.ParameterCount);
            TrainingExample[] held = [.. Corpus().HeldOut(model)];
            Assert.Equal(whole.ValidationLoss!.Value, ModelEvaluation.Run(model, null, held, 1, default).Loss, 0.01); // as it is served, in F16
            Assert.NotNull(model.ChatTemplate);
        }

        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run("cut", progress => { if (progress.Step == 5) stop.Cancel(); }, stop.Token, []));
        var rest = new List<TrainingProgress>();
        PretrainResult again = Run("cut", rest.Add, default, []);
        Assert.Equal(6, rest[0].Step);
        Assert.Equal(File.ReadAllBytes(whole.Model), File.ReadAllBytes(again.Model));
        Assert.Equal((whole.TrainLoss, whole.ValidationLoss), (again.TrainLoss, again.ValidationLoss));
        Assert.Equal((0, whole.ValidationLoss), (Run("cut", _ => { }, default, []).Tokens, whole.ValidationLoss)); // it is done
        var other = new PretrainRun(Small, new TextCorpus(Texts[..5], 128, 0.2, 1), _folder["cut"], 1, TimeProvider.System);
        var error = Assert.Throws<InvalidDataException>(() => other.Run(_ => { }, default));
        Assert.Contains("the content of the corpus has changed", error.Message);
    }

    [Theory]
    [InlineData("llama", false)]
    [InlineData("qwen2", true)]
    public void A_base_goes_on_with_all_its_weights_or_with_a_LoRA_where_memory_is_short(string architecture, bool biases)
    {
        string path = RandomModel.Write(_folder["base.gguf"], new RandomModelShape { Architecture = architecture, Biases = biases });
        OptimizerRecipe course = Small.Optimizer with { Steps = 4 };
        foreach (bool isRoomy in (bool[])[true, false])
        {
            var told = new List<string>();
            var losses = new List<double>();
            PretrainResult result = new ContinuedRun(path, Corpus(), course, _folder[$"out{isRoomy}"], 1, TimeProvider.System)
            {
                LearningRate = 0.01,
                Told = told.Add,
                MemoryLimit = isRoomy ? null : 1000,
            }.Run(progress => losses.Add(progress.Loss), default);
            Assert.Contains(isRoomy ? "All weights" : "A LoRA is trained", told[0]);
            Assert.Equal(isRoomy ? "weights" : "lora", result.Trained);
            Assert.True(losses[^1] < losses[0], string.Join(' ', losses));
            using LlamaModel model = LlamaModel.Load(result.Model);
            Assert.Equal(result.ValidationLoss!.Value, ModelEvaluation.Run(model, null, [.. Corpus().HeldOut(model)], 1, default).Loss, 0.02);
            Assert.Equal(GgufFile.Open(path).Tensors.Count, GgufFile.Open(result.Model).Tensors.Count);
        }
    }

    [Fact]
    public void A_model_goes_on_with_conversations_in_its_own_words()
    {
        PretrainResult begun = Run("begun", _ => { }, default, []);
        var losses = new List<double>();
        ContinuedRun Further(long? memory) => new(
            begun.Model, StarterCorpus.Of(Small), Small.Optimizer with { Steps = 6 }, _folder["further"], 1, TimeProvider.System)
        {
            Name = "valley speaks",
            LearningRate = 0.01,
            MemoryLimit = memory,
        };
        Assert.Contains("A recipe trains all weights", Assert.Throws<NotSupportedException>(() => Further(1000).Run(_ => { }, default)).Message);
        PretrainResult result = Further(null).Run(progress => losses.Add(progress.Loss), default);
        Assert.True(losses[^1] < losses[0] - 0.3, string.Join(' ', losses));
        GgufMetadata was = GgufFile.Open(begun.Model).Metadata, now = GgufFile.Open(result.Model).Metadata;
        Assert.Equal("valley speaks", now.Text("general.name"));
        Assert.Equal(was.Text("tokenizer.chat_template"), now.Text("tokenizer.chat_template"));
        Assert.Equal(GgufFile.Open(begun.Model).Tensors.Select(t => t.Name), GgufFile.Open(result.Model).Tensors.Select(t => t.Name));
    }

    private static TextCorpus Corpus() => new(Texts, 128, 0.2, 1);

    private PretrainResult Run(string name, Action<TrainingProgress> report, CancellationToken cancellation, List<PretrainSample> samples)
    {
        TextCorpus corpus = Corpus();
        var run = new PretrainRun(Small, corpus, _folder[name], 1, TimeProvider.System) { Prompts = corpus.Beginnings(1), Sampled = samples.Add };
        return run.Run(report, cancellation);
    }
}
