using System.CommandLine;
using FineTuneChat.Embedder;

namespace FineTuneChat.Cli;

/// <summary><c>embedder</c>: the embedding model that comes with the program, as the gateway starts it.</summary>
internal static class EmbedderCommand
{
    private const int MostThreads = 2; // a question is short: more do not make it faster

    private static readonly Option<string> Socket = new("--socket")
    {
        HelpName = "PATH",
        Description = "Unix-domain socket to listen on; only its user may connect.",
        Required = true,
    };
    private static readonly Option<bool> Supervised = new("--supervised") { Description = "End when standard input closes.", Hidden = true };

    public static Command Create()
    {
        var command = new Command("embedder", "Serve the embedding model 'minilm' with OpenAI's /v1/embeddings.") { Socket, Supervised };
        command.SetAction((parsed, cancellation) => EmbedderHost.RunAsync(
            parsed.GetRequiredValue(Socket), Math.Min(MostThreads, Environment.ProcessorCount), parsed.GetValue(Supervised), cancellation));
        return command;
    }
}
