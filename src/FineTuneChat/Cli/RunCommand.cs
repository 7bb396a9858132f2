using System.CommandLine;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace FineTuneChat.Cli;

/// <summary>
/// <c>run</c>: a chat in the terminal, or the reply to one prompt. The running server answers when it has the model, else an engine of its own.
/// </summary>
internal static class RunCommand
{
    private const string End = "/bye", Begin = "/clear";

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "A model's name, a GGUF file, or a name on the hub, which is fetched first" };
        var prompt = new Argument<string?>("prompt") { Description = "What to say; without it, a chat", Arity = ArgumentArity.ZeroOrOne };
        var system = new Option<string?>("--system") { Description = "A system prompt" };
        var command = new Command("run", "Chats with a model in the terminal.") { name, prompt, system };
        command.SetAction(async (parsed, cancellation) =>
        {
            using ModelsAccess access = ModelsAccess.Open();
            string model = parsed.GetRequiredValue(name);
            string? said = parsed.GetValue(prompt) ?? (Console.IsInputRedirected ? await Console.In.ReadToEndAsync(cancellation) : null);
            if (said is not null && string.IsNullOrWhiteSpace(said))
                throw new UserException("There is no prompt: name one, or write it to standard input.");
            using RunningServer? server = await RunningServer.FindAsync(access.Settings.Server.Urls, cancellation);
            if (server is not null && (model.StartsWith("assistant", StringComparison.Ordinal) || server.Models.Any(m => m.Name == model)))
            {
                await TalkAsync(new TerminalChat(server.Client, model, parsed.GetValue(system)), said, cancellation);
                return;
            }
            LocalModel local = await FindAsync(access, model, cancellation);
            await using EngineAlone engine = await StartAsync(access, local, cancellation);
            await TalkAsync(new TerminalChat(engine.Client, local.Name, parsed.GetValue(system)), said, cancellation);
        });
        return command;
    }

    private static async Task TalkAsync(TerminalChat chat, string? prompt, CancellationToken cancellation)
    {
        if (prompt is not null)
        {
            await chat.SayAsync(prompt, cancellation);
            return;
        }
        await Console.Error.WriteLineAsync($"{Begin} begins anew, {End} ends.");
        while (true)
        {
            Console.Write(">>> ");
            if (await Console.In.ReadLineAsync(cancellation) is not { } line || line.Trim() == End)
                return;
            if (line.Trim() == Begin)
                chat.Clear();
            else if (!string.IsNullOrWhiteSpace(line))
                await chat.SayAsync(line, cancellation);
        }
    }

    private static async Task<LocalModel> FindAsync(ModelsAccess access, string name, CancellationToken cancellation)
    {
        if (access.Catalog.Find(name) is { } known)
            return known;
        if (File.Exists(name) || !name.Contains('/', StringComparison.Ordinal))
            return access.Catalog.Resolve(name);
        return access.Catalog.Resolve((await PullCommand.RunAsync(access, name, cancellation)).File);
    }

    private static async Task<EngineAlone> StartAsync(ModelsAccess access, LocalModel model, CancellationToken cancellation)
    {
        try
        {
            return await EngineAlone.StartAsync(model, access.Settings.Engine, NullLogger.Instance, cancellation);
        }
        catch (EngineException e)
        {
            throw new UserException(e.Message, e);
        }
    }
}
