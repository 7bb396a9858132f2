using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;

namespace FineTuneChat.Cli;

/// <summary><c>evaluate</c>: how well a model file predicts the replies of a dataset.</summary>
internal static class EvaluateCommand
{
    private const int Longest = 8192;

    public static Command Create()
    {
        var model = new Option<FileInfo>("--model") { Description = "The GGUF model", Required = true };
        var adapter = new Option<FileInfo?>("--adapter") { Description = "An adapter to apply" };
        var data = new Option<FileInfo>("--data") { Description = "Conversations whose replies are predicted, JSON lines", Required = true };
        var threads = new Option<int>("--threads") { Description = "Compute threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> supervised = Supervision.Option();
        var command = new Command("evaluate", "Measures how well a model predicts the replies of a dataset.") { model, adapter, data, threads, supervised };
        command.SetAction((parsed, cancellation) => Supervision.RunAsync(parsed.GetValue(supervised), cancellation, stop => Run(
            parsed.GetRequiredValue(model).FullName, parsed.GetValue(adapter)?.FullName, parsed.GetRequiredValue(data).FullName, parsed.GetValue(threads), stop)));
        return command;
    }

    private static void Run(string modelPath, string? adapterPath, string dataPath, int threads, CancellationToken cancellation)
    {
        NativeLibraries.Load();
        using LlamaModel model = LlamaModel.Load(modelPath);
        using LoraAdapter? adapter = adapterPath == null ? null : new LoraAdapter(model, adapterPath);
        IReadOnlyList<EncodedExample> examples = DatasetFile.Encode(dataPath, ConversationEncoder.OfModel(model), Math.Min(Longest, model.TrainedContextLength));
        EvaluationResult result = ModelEvaluation.Run(model, adapter, examples, threads, cancellation);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            loss = result.Loss,
            perplexity = result.Perplexity,
            token_accuracy = result.TokenAccuracy,
            opening_accuracy = result.OpeningAccuracy,
            reply_accuracy = result.ReplyAccuracy,
            stop_rate = result.StopRate,
            tokens = result.Tokens,
            tokens_per_second = result.Tokens / Math.Max(1e-9, result.Seconds),
        }));
    }
}
