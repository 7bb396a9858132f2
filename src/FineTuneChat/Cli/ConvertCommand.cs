using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Lora.Peft;

namespace FineTuneChat.Cli;

/// <summary><c>convert</c>: a folder of Hugging Face's files, a model or an adapter, becomes a GGUF file.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description = "A model's folder: config.json, tokenizer.json or tokenizer.model, *.safetensors; with --base an adapter's, as PEFT writes it",
        };
        var target = new Option<FileInfo>("--out") { Description = "The GGUF file to write", Required = true };
        var type = new Option<string?>("--type") { Description = "Type of the file; by default that of the weights, F16 for those in F32" };
        type.AcceptOnlyFromAmong([.. ModelConversion.Types.Select(t => t.ToString())]);
        var source = new Option<string?>("--source")
        {
            Description = "Its name at the hub, owner/name or owner/name@revision, which the file remembers; by default what the folder says",
        };
        var adapted = new Option<FileInfo?>("--base")
        {
            Description = "The GGUF model of an adapter: DIR has adapter_config.json and adapter_model.safetensors",
        };
        var threads = new Option<int>("--threads") { Description = "Threads of the quantiser", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> supervised = Supervision.Option();
        var command = new Command("convert", "Makes a GGUF file of a folder of Hugging Face's files.")
        {
            folder, target, type, source, adapted, threads, supervised,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(adapted) is not null && ((Option[])[type, source]).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } given)
                parsed.AddError($"{given.Name} cannot be chosen with --base: an adapter is written in F32, and its source is the base's.");
        });
        command.SetAction((parsed, cancellation) => Supervision.RunAsync(parsed.GetValue(supervised), cancellation, stop =>
        {
            NativeLibraries.Load();
            string from = parsed.GetRequiredValue(folder).ToString(), to = parsed.GetRequiredValue(target).FullName;
            if (parsed.GetValue(adapted) is { } model)
            {
                RunAdapter(from, model.FullName, to);
                return;
            }
            if (AdapterConversion.IsAdapter(from))
                throw new UserException($"{from} has an adapter, no model. Name the GGUF of the model that it was trained on: --base FILE.gguf.");
            ProgressLine.Show($"converting {from}", progress => Run(
                new ModelConversion(from, to)
                {
                    Type = parsed.GetValue(type) is { } name ? Enum.Parse<ModelFileType>(name) : null,
                    Source = parsed.GetValue(source),
                    Threads = parsed.GetValue(threads),
                    Progress = progress,
                },
                to, stop));
        }));
        return command;
    }

    private static void RunAdapter(string folder, string model, string target)
    {
        var clock = Stopwatch.StartNew();
        AdapterReport report = AdapterConversion.Write(folder, model, target);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            @out = target,
            type = "adapter",
            architecture = report.Architecture,
            rank = report.Rank,
            alpha = report.Alpha,
            layers = report.Layers,
            bytes = report.Bytes,
            seconds = clock.Elapsed.TotalSeconds,
        }));
    }

    private static void Run(ModelConversion conversion, string target, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        ConversionReport report = conversion.Write(cancellation);
        foreach (string note in report.Notes)
            Console.Error.WriteLine(note);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            @out = target,
            type = report.Type.ToString(),
            architecture = report.Architecture,
            bytes = report.Bytes,
            seconds = clock.Elapsed.TotalSeconds,
        }));
    }
}
