using FineTuneChat.Gateway.Learning.Distillation;
using Spectre.Console;

namespace FineTuneChat.Cli;

/// <summary>Shows a person at a terminal how far a distillation is, with the time left: a bar on stderr. Where stderr goes to a file there is none.</summary>
internal static class DistillationDisplay
{
    /// <param name="run">The distillation; it reports each reply to the display.</param>
    public static Task<T> ShowAsync<T>(Func<Action<DistillationProgress>, Task<T>> run)
    {
        if (Console.IsErrorRedirected)
            return run(_ => { });
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return terminal.Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask("asking");
                return run(progress =>
                {
                    bar.MaxValue = progress.Of;
                    bar.Value = progress.Done;
                    bar.Description = $"{progress.Done} of {progress.Of} prompts, {progress.Tokens} tokens";
                });
            });
    }
}
