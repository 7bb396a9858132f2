using FineTuneChat.Training.Runs;
using Spectre.Console;

namespace FineTuneChat.Cli;

/// <summary>Shows a person at a terminal how far a training is: a bar on stderr. Where stderr goes to a file or a pipe there is none.</summary>
internal static class TrainingDisplay
{
    /// <param name="run">The training; it reports each step to the display.</param>
    public static T Show<T>(Func<Action<TrainingProgress>, T> run)
    {
        if (Console.IsErrorRedirected)
            return run(_ => { });
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return terminal.Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn())
            .Start(context =>
            {
                ProgressTask bar = context.AddTask("reading");
                return run(progress =>
                {
                    bar.MaxValue = progress.Steps;
                    bar.Value = progress.Step;
                    bar.Description = Describe(progress);
                });
            });
    }

    private static string Describe(TrainingProgress progress) =>
        $"step {progress.Step}/{progress.Steps}  loss {progress.Loss:F3}{(progress.ValidationLoss is { } held ? $"  held out {held:F3}" : "")}  "
        + $"{progress.TokensPerSecond:F0} tokens/s  {TimeSpan.FromSeconds((long)progress.SecondsLeft)} left";
}
