using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Engine.Loading;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Export;

namespace FineTuneChat.Cli;

/// <summary><c>export</c>: merges an adapter into its base and quantises the result.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var model = new Option<FileInfo>("--base") { Description = "The GGUF model that was taught; best in F16 or better", Required = true };
        var adapter = new Option<FileSystemInfo>("--adapter")
        {
            Description = "adapter.gguf of the training run, or a folder with PEFT's files",
            Required = true,
        };
        var type = new Option<string>("--type") { Description = "Type of the exported file", Required = true };
        type.AcceptOnlyFromAmong([.. ModelExport.Types.Select(t => t.ToString())]);
        var target = new Option<FileInfo>("--out") { Description = "The GGUF file to write", Required = true };
        var name = new Option<string?>("--name") { Description = "The model's name in the file" };
        var version = new Option<string?>("--model-version") { Description = "The model's version in the file" };
        var data = new Option<FileInfo?>("--data") { Description = "Conversations that the model is used for: types below Q6_K round where they count least" };
        var heldOut = new Option<FileInfo?>("--val")
        {
            Description = "Held-out conversations: a type that keeps less than 90 % of what was learned gives way to the next more precise one",
        };
        var threads = new Option<int>("--threads") { Description = "Compute threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> supervised = Supervision.Option();
        var command = new Command("export", "Merges an adapter into its base and quantises the result.")
        {
            model, adapter, type, target, name, version, data, heldOut, threads, supervised,
        };
        SettingOptions.Rope.AddTo(command);
        command.SetAction((parsed, cancellation) => Supervision.RunAsync(parsed.GetValue(supervised), cancellation, stop =>
        {
            NativeLibraries.Load();
            string basePath = parsed.GetRequiredValue(model).FullName;
            var options = new ExportOptions
            {
                Type = Enum.Parse<ModelFileType>(parsed.GetRequiredValue(type)),
                Name = parsed.GetValue(name),
                Version = parsed.GetValue(version),
                Learned = Read(parsed.GetValue(data), basePath),
                HeldOut = Read(parsed.GetValue(heldOut), basePath),
                Rope = SettingOptions.Rope.Read(parsed).ToRope(),
                Threads = parsed.GetValue(threads),
            };
            Run(basePath, parsed.GetRequiredValue(adapter).FullName, parsed.GetRequiredValue(target).FullName, options, stop);
        }));
        return command;
    }

    private static void Run(string model, string adapter, string target, ExportOptions options, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        ExportReport report = new ModelExport(model, adapter, target, options).Write(cancellation);
        if (report.Reason is not null)
            Console.Error.WriteLine($"The file is {report.Type}, not {options.Type}. {report.Reason}");
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            @out = target,
            type = report.Type.ToString(),
            bytes = report.Bytes,
            seconds = clock.Elapsed.TotalSeconds,
            requested = options.Type.ToString(),
            reason = report.Reason,
            base_loss = report.Fidelity?.BaseLoss,
            adapter_loss = report.Fidelity?.AdapterLoss,
            tried = report.Fidelity?.Tried.Select(t => new { type = t.Type.ToString(), loss = t.Loss, kept = t.Kept }),
        }));
    }

    private static IReadOnlyList<TrainingExample> Read(FileInfo? file, string model)
    {
        if (file is null)
            return [];
        using LlamaModel tokenizer = LlamaModel.Load(model, new ModelOptions { VocabularyOnly = true });
        return DatasetFile.Load(file.FullName).ForMeasuring(ConversationEncoder.OfModel(tokenizer), GgufFile.Open(model)).Examples;
    }
}
