using FineTuneChat.Training.Runs;
using Spectre.Console;

namespace FineTuneChat.Cli;

/// <summary>
/// Shows a person how far a training is: at a terminal a bar on stderr; where stderr goes to a file or a pipe nothing, or a line now and then.
/// </summary>
internal static class TrainingDisplay
{
    /// <param name="run">The training; it reports each step to the display.</param>
    public static T Show<T>(Func<Action<TrainingProgress>, T> run) =>
        Console.IsErrorRedirected ? run(_ => { }) : Bar().Start(context => run(Shown(context)));

    /// <summary>The same of a training elsewhere, or of a long one.</summary>
    /// <param name="every">Steps from line to line, where there is no terminal.</param>
    /// <param name="run">The training; it reports each step to the display.</param>
    public static Task<T> ShowAsync<T>(int every, Func<Action<TrainingProgress>, Task<T>> run) =>
        Console.IsErrorRedirected ? run(Logged(every)) : Bar().StartAsync(context => run(Shown(context)));

    /// <summary>A line on stderr for every so many steps, and for the last one.</summary>
    public static Action<TrainingProgress> Logged(int every) => progress =>
    {
        if (progress.Step % every == 0 || progress.Step == progress.Steps)
            Console.Error.WriteLine(Describe(progress));
    };

    private static Progress Bar() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Progress()
        .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn());

    private static Action<TrainingProgress> Shown(ProgressContext context)
    {
        ProgressTask bar = context.AddTask("reading");
        return progress =>
        {
            bar.MaxValue = progress.Steps;
            bar.Value = progress.Step;
            bar.Description = Describe(progress);
        };
    }

    private static string Describe(TrainingProgress progress) =>
        $"step {progress.Step}/{progress.Steps}  loss {progress.Loss:F3}{(progress.ValidationLoss is { } held ? $"  held out {held:F3}" : "")}  "
        + $"{progress.TokensPerSecond:F0} tokens/s  {TimeSpan.FromSeconds((long)progress.SecondsLeft)} left";
}
