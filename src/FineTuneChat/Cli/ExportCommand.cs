using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
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
        var adapter = new Option<FileInfo>("--adapter") { Description = "adapter.gguf of the training run", Required = true };
        var type = new Option<string>("--type") { Description = "Type of the exported file", Required = true };
        type.AcceptOnlyFromAmong([.. ModelExport.Types.Select(t => t.ToString())]);
        var target = new Option<FileInfo>("--out") { Description = "The GGUF file to write", Required = true };
        var name = new Option<string?>("--name") { Description = "The model's name in the file" };
        var threads = new Option<int>("--threads") { Description = "Compute threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> supervised = Supervision.Option();
        var command = new Command("export", "Merges an adapter into its base and quantises the result.") { model, adapter, type, target, name, threads, supervised };
        command.SetAction((parsed, cancellation) => Supervision.RunAsync(parsed.GetValue(supervised), cancellation, _ => Run(
            parsed.GetRequiredValue(model).FullName, parsed.GetRequiredValue(adapter).FullName, Enum.Parse<ModelFileType>(parsed.GetRequiredValue(type)),
            parsed.GetRequiredValue(target).FullName, parsed.GetValue(name), parsed.GetValue(threads))));
        return command;
    }

    private static void Run(string model, string adapter, ModelFileType type, string target, string? name, int threads)
    {
        NativeLibraries.Load();
        var clock = Stopwatch.StartNew();
        long bytes = ModelExport.Write(model, adapter, type, target, name, threads);
        Console.WriteLine(JsonSerializer.Serialize(new { @out = target, type = type.ToString(), bytes, seconds = clock.Elapsed.TotalSeconds }));
    }
}
