using System.CommandLine;

namespace FineTuneChat.Cli;

/// <summary><c>models</c>: the verbs about local models under one name.</summary>
internal static class ModelsCommand
{
    public static Command Create() => new("models", "Local models: list, fetch, inspect and remove them.")
    {
        ListCommand.Create(), PullCommand.Create(), ShowCommand.Create("inspect"), RemoveCommand.Create("remove"), ImportOllamaCommand.Create(),
    };
}
