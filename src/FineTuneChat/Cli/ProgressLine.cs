using Spectre.Console;

namespace FineTuneChat.Cli;

/// <summary>Shows a person at a terminal which share of a work is done: a bar on stderr. Where stderr goes to a file or a pipe there is none.</summary>
internal static class ProgressLine
{
    /// <param name="title">What is done.</param>
    /// <param name="work">It reports the share, 0 to 1.</param>
    public static void Show(string title, Action<Action<double>> work)
    {
        if (Console.IsErrorRedirected)
        {
            work(_ => { });
            return;
        }

        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn())
            .Start(context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(title), maxValue: 1);
                work(share => bar.Value = share);
            });
    }
}
