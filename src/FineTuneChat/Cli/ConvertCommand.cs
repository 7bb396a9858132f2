using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Export;

namespace FineTuneChat.Cli;

/// <summary><c>convert</c>: a folder of Hugging Face's files becomes a GGUF file.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "A model's folder: config.json, tokenizer.json or tokenizer.model, *.safetensors" };
        var target = new Option<FileInfo>("--out") { Description = "The GGUF file to write", Required = true };
        var type = new Option<string?>("--type") { Description = "Type of the file; by default that of the weights, F16 for those in F32" };
        type.AcceptOnlyFromAmong([.. ModelConversion.Types.Select(t => t.ToString())]);
        var source = new Option<string?>("--source")
        {
            Description = "Its name at the hub, owner/name or owner/name@revision, which the file remembers; by default what the folder says",
        };
        var threads = new Option<int>("--threads") { Description = "Threads of the quantiser", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> supervised = Supervision.Option();
        var command = new Command("convert", "Makes a GGUF file of a folder of Hugging Face's files.") { folder, target, type, source, threads, supervised };
        command.SetAction((parsed, cancellation) => Supervision.RunAsync(parsed.GetValue(supervised), cancellation, stop =>
        {
            NativeLibraries.Load();
            string from = parsed.GetRequiredValue(folder).ToString(), to = parsed.GetRequiredValue(target).FullName;
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
