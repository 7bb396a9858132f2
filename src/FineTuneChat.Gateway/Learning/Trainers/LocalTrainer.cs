using System.Globalization;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary><c>local</c>: the verb <c>train</c> on this machine. It goes on from its own checkpoint.</summary>
internal sealed class LocalTrainer(RetrainingSettings settings, EngineSettings engineSettings, RunPause pause) : ITrainer
{
    private string[] Rope { get; } = [.. OptionTable.Arguments(engineSettings, option => option.IsRope)]; // trained as the engine will serve

    public async Task TrainAsync(Assistant assistant, RunReporter reporter, RunFolder folder, CancellationToken cancellation)
    {
        await folder.WaitUntilFreeAsync(cancellation);
        if (File.Exists(folder.TrainerLog))
            reporter.Restore(File.ReadLines(folder.TrainerLog));
        List<string> arguments =
        [
            "train", "--base", assistant.Base.Path, "--data", folder.Dataset, "--out", folder.Root, "--resume", "--restart-if-changed",
            "--threads", $"{settings.TrainerThreads}", .. Rope,
            .. OptionTable.Arguments(reporter.Current.Options),
        ];
        if (RunFolder.HasRows(folder.Accepted))
            arguments.AddRange(["--until", folder.Accepted]);
        if (RunFolder.HasRows(folder.Keep))
            arguments.AddRange(["--keep", folder.Keep]);
        if (RunFolder.HasRows(folder.Feedback))
            arguments.AddRange(["--feedback", folder.Feedback, "--beta", FeedbackRows.Beta.ToString(CultureInfo.InvariantCulture)]);
        if (reporter.Current.HeldOut > 0)
            arguments.AddRange(["--val", folder.HeldOut]);
        await ProgramVerb.RunAsync(arguments, reporter.Report, cancellation, pause.CommandsAsync(reporter.Current.Id, cancellation));
    }

    public Task LeaveAsync(RunFolder folder) => Task.CompletedTask; // its process has ended with the run
}
