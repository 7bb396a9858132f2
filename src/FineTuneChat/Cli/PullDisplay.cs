using FineTuneChat.Gateway.Models.Downloads;
using Spectre.Console;

namespace FineTuneChat.Cli;

/// <summary>Shows a person at a terminal how far a download is, how fast, and how long it will take: a bar on stderr. Where that goes to a file there is none.</summary>
internal static class PullDisplay
{
    /// <param name="plan">What is fetched.</param>
    /// <param name="run">The download; it reports to the display.</param>
    public static Task<T> ShowAsync<T>(PullPlan plan, Func<Action<PullProgress>, Task<T>> run)
    {
        if (Console.IsErrorRedirected)
            return run(_ => { });
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return terminal.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(plan.Name), maxValue: plan.Bytes);
                T result = await run(progress => bar.Value = progress.Bytes);
                bar.Value = plan.Bytes;
                return result;
            });
    }
}
