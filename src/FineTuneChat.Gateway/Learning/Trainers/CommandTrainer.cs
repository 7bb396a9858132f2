using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>
/// <c>job</c>: a command trains, whatever it is. It is started in the bundle's folder and leaves PEFT's two files in <c>output</c>; its lines of JSON on
/// standard output are the progress, the lines <c>pause</c> and <c>resume</c> come on standard input.
/// </summary>
internal sealed class CommandTrainer(TrainerSettings settings, AdapterIntake intake, RunPause pause) : ITrainer
{
    private const string RunVariable = "FINETUNECHAT_RUN", OurSettings = "FINETUNECHAT__";

    public async Task TrainAsync(Assistant assistant, RunReporter reporter, RunFolder folder, CancellationToken cancellation)
    {
        var bundle = new TrainingBundle(folder);
        bundle.Write(assistant, reporter.Current, TrainedBase.Of(assistant.Base, settings));
        await CommandMark.WaitAsync(bundle.Mark, cancellation); // of a gateway that was killed
        if (!PeftFolder.IsThere(bundle.Output))
            await RunAsync(reporter, bundle, cancellation);
        await intake.TakeAsync(assistant, reporter.Current, folder, bundle.Output, reporter.Current.Options.Rank, cancellation);
        bundle.Remove();
    }

    public Task LeaveAsync(RunFolder folder) => Task.CompletedTask; // its process has ended with the run

    private async Task RunAsync(RunReporter reporter, TrainingBundle bundle, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(settings.Command[0], settings.Command[1..])
        {
            WorkingDirectory = bundle.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith(OurSettings, StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name); // keys and passwords of ours are not its business
        start.Environment[RunVariable] = reporter.Current.Id;
        await LineProcess.RunAsync(
            start, $"The trainer's command '{Path.GetFileName(settings.Command[0])}'", line => Report(reporter, line), cancellation,
            pause.CommandsAsync(reporter.Current.Id, cancellation), started: process => CommandMark.Write(bundle.Mark, process));
        File.Delete(bundle.Mark);
    }

    private static void Report(RunReporter reporter, JsonElement line)
    {
        try
        {
            reporter.Report(line);
        }
        catch (JsonException)
        {
            // it has a step, but is no progress of ours: a program may say what it likes
        }
    }
}
