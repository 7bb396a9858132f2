using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Engine.Loading;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;

namespace FineTuneChat.Cli;

/// <summary><c>evaluate</c>: how well a model file predicts the replies of a dataset, and writes them.</summary>
internal static class EvaluateCommand
{
    private const int LongestReply = 512;
    private static readonly ReferenceEqualityComparer Same = ReferenceEqualityComparer.Instance;

    public static Command Create()
    {
        var model = new Option<FileInfo>("--model") { Description = "The GGUF model", Required = true };
        var adapter = new Option<FileInfo?>("--adapter") { Description = "An adapter to apply" };
        var data = new Option<FileInfo>("--data") { Description = "Conversations whose replies are predicted, JSON lines", Required = true };
        var generate = new Option<bool>("--generate")
        {
            Description = "Write the last replies, too: exact matches, valid JSON and its fields, replies that end",
        };
        var longest = new Option<int>("--max-tokens") { Description = "Most tokens of a written reply", DefaultValueFactory = _ => LongestReply };
        var few = new Option<int?>("--replies")
        {
            HelpName = "N",
            Description = "With --generate: write so many only, spread over the dataset; of those that take at most half of --max-tokens",
        };
        var draws = new Option<int>("--draws")
        {
            HelpName = "N",
            Description = "With --generate and --rows: ask each question N times more, with the sampling defaults of serving",
        };
        var otherwise = new Option<bool>("--begun-otherwise")
        {
            Description = "With --replies and --rows: ask the questions, too, whose replies it does not begin as expected",
        };
        var rows = new Option<FileInfo?>("--rows") { Description = "Write the figures of each conversation to this file, one JSON line each" };
        var reference = new Option<FileInfo?>("--reference")
        {
            Description = "A model, such as the base: how far the predictions have moved from its own (KL divergence)",
        };
        var threads = new Option<int>("--threads") { Description = "Compute threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> supervised = Supervision.Option();
        var told = new DatasetOptionSet();
        var command = new Command("evaluate", "Measures how well a model predicts the replies of a dataset.")
        {
            model, adapter, data, generate, longest, few, draws, otherwise, rows, reference, threads, supervised,
        };
        told.AddTo(command);
        SettingOptions.Rope.AddTo(command);
        command.SetAction((parsed, cancellation) => Supervision.RunAsync(parsed.GetValue(supervised), cancellation, stop =>
        {
            NativeLibraries.Load();
            var served = new ModelOptions { Rope = SettingOptions.Rope.Read(parsed).ToRope() };
            using LlamaModel loaded = LlamaModel.Load(parsed.GetRequiredValue(model).FullName, served);
            using LoadedAdapter? beside = parsed.GetValue(adapter) is { } file ? new LoadedAdapter(loaded, file.FullName) : null;
            DatasetFile dataset = DatasetFile.Load(parsed.GetRequiredValue(data).FullName, told.Read(parsed));
            ConversationEncoder encoder = ConversationEncoder.OfModel(loaded);
            GgufFile header = GgufFile.Open(loaded.Path);
            EncodedDataset encoded = dataset.ForMeasuring(encoder, header);
            int cores = parsed.GetValue(threads);

            var result = new JsonObject();
            var clock = Stopwatch.StartNew();
            IReadOnlyList<RowScore> scores = ModelEvaluation.Rows(loaded, beside, encoded.Examples, cores, stop);
            Predict(result, ModelEvaluation.Mean(scores, clock.Elapsed.TotalSeconds));
            if (parsed.GetValue(reference) is { } other)
                result["kl"] = Divergence(other.FullName);
            var written = new Dictionary<int, AskedReply>();
            if (parsed.GetValue(generate))
            {
                IReadOnlyList<Conversation> asked = parsed.GetValue(otherwise) ? [.. Asked().Concat(BegunOtherwise()).Distinct<Conversation>(Same)] : Asked();
                if (parsed.GetValue(rows) is null)
                    result["generated"] = Describe(ReplyEvaluation.Run(loaded, beside, encoder, asked, parsed.GetValue(longest), cores, stop));
                else
                    result["generated"] = Describe(Ask(asked, written));
            }
            if (parsed.GetValue(rows) is { } target)
                File.WriteAllLines(target.FullName, EvaluatedRows.Of(encoded, scores, written));
            Console.WriteLine(result.ToJsonString(JsonSerializerOptions.Web));

            IReadOnlyList<Conversation> Asked() => parsed.GetValue(few) is { } most
                ? ReplySample.Of(dataset.Conversations, encoder, loaded.Vocabulary, most, parsed.GetValue(longest), EncodedDataset.LongestServed(header))
                : [.. dataset.Conversations.Where(ReplyEvaluation.EndsWithReply)];

            IEnumerable<Conversation> BegunOtherwise() => encoded.Conversations.Zip(scores).Where(row => !row.Second.IsBegun)
                .Select(row => dataset.Conversations[row.First]).Where(ReplyEvaluation.EndsWithReply);

            ReplyScores Ask(IReadOnlyList<Conversation> asked, Dictionary<int, AskedReply> written)
            {
                using var samplers = new ServedSamplers(loaded, header, parsed.GetValue(draws));
                IReadOnlyList<AskedReply> replies = AskedReply.Ask(loaded, beside, encoder, asked, samplers.Of, parsed.GetValue(longest), cores, stop);
                var places = new Dictionary<Conversation, int>(Same);
                foreach (var (place, conversation) in dataset.Conversations.Index())
                    places[conversation] = place;
                foreach (var (conversation, reply) in asked.Zip(replies))
                    written[places[conversation]] = reply;
                return ReplyEvaluation.Score(
                    loaded.Vocabulary, asked, [.. replies.Select(r => new GreedyReply(r.Reply.Text, r.Reply.Ended, r.Reply.Tokens))]);
            }

            double Divergence(string path)
            {
                using LlamaModel measure = LlamaModel.Load(path, served);
                return PredictionDivergence.Mean(measure, loaded, beside, encoded.Examples, cores, stop);
            }
        }));
        return command;
    }

    private static void Predict(JsonObject result, EvaluationResult figures)
    {
        result["loss"] = figures.Loss;
        result["perplexity"] = double.IsFinite(figures.Perplexity) ? figures.Perplexity : null; // JSON has no infinity
        result["token_accuracy"] = figures.TokenAccuracy;
        result["opening_accuracy"] = figures.OpeningAccuracy;
        result["reply_accuracy"] = figures.ReplyAccuracy;
        result["stop_rate"] = figures.StopRate;
        result["tokens"] = figures.Tokens;
        result["tokens_per_second"] = figures.Tokens / Math.Max(1e-9, figures.Seconds);
    }

    private static JsonObject Describe(ReplyScores scores) => new()
    {
        ["replies"] = scores.Replies,
        ["exact_match"] = scores.ExactMatch,
        ["valid_json"] = scores.ValidJson,
        ["field_accuracy"] = scores.FieldAccuracy,
        ["stop_rate"] = scores.StopRate,
        ["json_share"] = scores.JsonShare,
        ["length"] = scores.Length,
        ["expected_length"] = scores.ExpectedLength,
    };
}
