using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Evaluation;

/// <summary>
/// The starter learns to fill in somebody's own form, and every exported file still can. <c>FTC_SCALE</c> trains on more, asks more, and exports every type.
/// </summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ExtractorTests : IDisposable
{
    private const int LongestReply = 64;

    private static readonly string Starter = Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_starter_becomes_an_extractor_in_every_type_that_it_is_exported_to()
    {
        NativeLibraries.Load();
        IReadOnlyList<Conversation> learned = ReportExamples.Make(128 * Scale.Factor, seed: 1), heldOut = ReportExamples.Make(12 * Scale.Factor, seed: 2);
        ReplyScores before = Ask(Starter, null, heldOut);
        Assert.Equal(1, before.JsonShare);
        using (MappedModel model = MappedModel.Open(Starter))
            new FineTuneRun(model, Encode(learned), [], new FineTuneOptions { Epochs = 5, BatchSize = 4 }, _folder.Path, TimeProvider.System).Run(
                1, resume: false, _ => { }, CancellationToken.None);

        ReplyScores taught = Ask(Starter, _folder["adapter.gguf"], heldOut);
        Assert.True(
            taught is { ValidJson: > 0.9, StopRate: > 0.9, FieldAccuracy: > 0.7 } && taught.FieldAccuracy > before.FieldAccuracy + 0.3,
            $"{before} → {taught}");
        foreach (ModelFileType type in Scale.IsLong ? (ModelFileType[])[ModelFileType.F16, ModelFileType.Q8_0, ModelFileType.Q4_K_M] : [ModelFileType.Q4_K_M])
        {
            string path = _folder[$"{type}.gguf"];
            ExportReport report =
                new ModelExport(Starter, _folder["adapter.gguf"], path, new ExportOptions { Type = type, Learned = Encode(learned), HeldOut = Encode(heldOut) })
                    .Write(CancellationToken.None);
            ReplyScores exported = Ask(path, null, heldOut);
            Assert.True(report.Fidelity!.Tried[^1].Kept >= Fidelity.Required, $"{report.Type} keeps {report.Fidelity.Tried[^1].Kept:P1}");
            Assert.True(exported.FieldAccuracy > taught.FieldAccuracy - 0.1, $"{report.Type}: {taught} → {exported}");
        }
    }

    [Fact]
    public void A_model_does_not_diverge_from_itself_and_does_from_one_that_was_taught()
    {
        NativeLibraries.Load();
        IReadOnlyList<TrainingExample> examples = Encode(ReportExamples.Make(4, seed: 3));
        using (MappedModel model = MappedModel.Open(Starter))
            new FineTuneRun(model, examples, [], new FineTuneOptions { Epochs = 4 }, _folder.Path, TimeProvider.System).Run(
                1, resume: false, _ => { }, CancellationToken.None);
        using LlamaModel starter = LlamaModel.Load(Starter);
        using var adapter = new LoadedAdapter(starter, _folder["adapter.gguf"]);
        Assert.Equal(0, PredictionDivergence.Mean(starter, starter, null, examples, 1, CancellationToken.None), 1e-6);
        Assert.True(PredictionDivergence.Mean(starter, starter, adapter, examples, 1, CancellationToken.None) > 0.1);
        double byHand = (0.5 * Math.Log(0.5 / 0.75)) + (0.5 * Math.Log(0.5 / 0.25));
        Assert.Equal(byHand, PredictionDivergence.Of([0, 0], [MathF.Log(3), 0]), 1e-6);
    }

    private static IReadOnlyList<TrainingExample> Encode(IReadOnlyList<Conversation> conversations)
    {
        using LlamaModel tokenizer = LlamaModel.Load(Starter, new ModelOptions { VocabularyOnly = true });
        ConversationEncoder encoder = ConversationEncoder.OfModel(tokenizer);
        return [.. conversations.SelectMany(c => encoder.EncodeConversation(c.Messages, c.Tools))];
    }

    private static ReplyScores Ask(string path, string? adapterPath, IReadOnlyList<Conversation> conversations)
    {
        using LlamaModel model = LlamaModel.Load(path);
        using LoadedAdapter? adapter = adapterPath is null ? null : new LoadedAdapter(model, adapterPath);
        return ReplyEvaluation.Run(model, adapter, ConversationEncoder.OfModel(model), conversations, LongestReply, 1, CancellationToken.None);
    }
}
