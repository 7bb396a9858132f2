using System.CommandLine;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Telemetry;
using FineTuneChat.Templates;

namespace FineTuneChat.Cli;

/// <summary>The verbs of the program. To add one: write <c>Cli/NameCommand.cs</c> with a static <c>Create()</c> and list it here.</summary>
internal static class CommandLine
{
    private const int Failure = 1;
    private const int WrongUsage = 2;
    private const int Interrupted = 130; // as shells have it

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("A chat server whose model gets better from your thumbs.");
        ServeCommand.AddTo(root); // without a verb
        foreach (Command verb in Verbs())
            root.Subcommands.Add(verb);

        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
            await Console.Error.WriteLineAsync("Try --help.");
            return WrongUsage;
        }

        try
        {
            SystemLibraries.Require();
            using VerbTrace? trace = VerbTrace.Begin(parsed.CommandResult.Command.Name);
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (IsForTheUser(e))
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Failure;
        }
        catch (OperationCanceledException) // Ctrl-C, in a verb that has nothing to say about it
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return Interrupted;
        }
    }

    /// <summary>
    /// Exceptions whose message says what is wrong with a file, a machine or a value; any other is a fault of this program and shows its stack.
    /// </summary>
    private static bool IsForTheUser(Exception e) =>
        e is UserException or OpenAiException or VerbException or VerbKilledException
            or GgufException or LlamaException or HubException or NativeLibraryException or TemplateException
            or DatasetQuestionException
            or IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException or OutOfMemoryException or NotFiniteNumberException;

    private static IEnumerable<Command> Verbs() =>
    [
        ServeCommand.Create(),
        EngineCommand.Create(),
        EmbedderCommand.Create(),
        RunCommand.Create(),
        PullCommand.Create(),
        ListCommand.Create(),
        ShowCommand.Create(),
        RemoveCommand.Create(),
        PsCommand.Create(),
        ModelsCommand.Create(),
        InstallCommand.Create(),
        MakeCommand.Create(),
        TrainCommand.Create(),
        ExportCommand.Create(),
        ConvertCommand.Create(),
        EvaluateCommand.Create(),
        DatasetCommand.Create(),
        DistillCommand.Create(),
        DatabaseCommand.Create(),
        KeysCommand.Create(),
        ServiceCommand.Create(),
        PretrainCommand.Create(),
    ];
}
