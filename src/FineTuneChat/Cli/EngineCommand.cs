using System.CommandLine;
using FineTuneChat.Engine;

namespace FineTuneChat.Cli;

/// <summary><c>engine</c>: one model's OpenAI server alone, as the gateway starts it.</summary>
internal static class EngineCommand
{
    private static readonly Option<string> Model = new("--model") { Description = "GGUF file to serve.", Required = true };
    private static readonly Option<string?> Adapter = new("--adapter") { Description = "LoRA adapter (GGUF) to apply to it." };
    private static readonly Option<string?> Socket = new("--socket") { Description = "Unix-domain socket to listen on; only its user may connect." };
    private static readonly Option<string> Urls = new("--urls") { Description = "Address to listen on without a socket; this machine only.", DefaultValueFactory = _ => EngineSettings.DefaultUrl };
    private static readonly Option<string?> Alias = new("--alias") { Description = "The model's name in requests and replies (default: the file's name)." };
    private static readonly Option<int?> Context = new("--ctx") { Description = "Most tokens of one request, prompt and reply together (default: what the model was trained for, at most 8192)." };
    private static readonly Option<int?> Threads = new("--threads") { Description = "Compute threads (default: all cores but one, beyond four half of them)." };
    private static readonly Option<int> Parallel = new("--parallel") { Description = "Replies that are written at a time.", DefaultValueFactory = _ => 8 };
    private static readonly Option<int> Queue = new("--queue") { Description = "Requests that may wait for a place; one more is answered with 429.", DefaultValueFactory = _ => 64 };
    private static readonly Option<int?> PrefixCache = new("--prefix-cache") { Description = "Most tokens of ended conversations that stay in the cache, for prompts that begin like them; 0 = none (default: one request of full length)." };
    private static readonly Option<string?> ChatTemplateFile = new("--chat-template-file") { Description = "Jinja chat template to use instead of the model's own." };
    private static readonly Option<bool> Supervised = new("--supervised") { Description = "End when standard input closes." };

    public static Command Create()
    {
        Limit(Context, 1, 512 * 1024);
        Limit(Threads, 1, 512);
        Limit(Parallel, 1, 64);
        Limit(Queue, 0, 100_000);
        Limit(PrefixCache, 0, int.MaxValue);
        var command = new Command("engine", "Serve one model with the OpenAI API, without page, keys or learning.");
        foreach (Option option in new Option[] { Model, Adapter, Socket, Urls, Alias, Context, Threads, Parallel, Queue, PrefixCache, ChatTemplateFile, Supervised })
            command.Options.Add(option);
        command.SetAction((parsed, cancellation) => EngineHost.RunAsync(
            new EngineSettings
            {
                Model = parsed.GetRequiredValue(Model),
                Adapter = parsed.GetValue(Adapter),
                Socket = parsed.GetValue(Socket),
                Url = parsed.GetRequiredValue(Urls),
                Alias = parsed.GetValue(Alias),
                ContextLength = parsed.GetValue(Context),
                Threads = parsed.GetValue(Threads),
                Parallel = parsed.GetValue(Parallel),
                MaxQueue = parsed.GetValue(Queue),
                PrefixCacheTokens = parsed.GetValue(PrefixCache),
                ChatTemplateFile = parsed.GetValue(ChatTemplateFile),
                Supervised = parsed.GetValue(Supervised),
            },
            cancellation));
        return command;
    }

    private static void Limit<T>(Option<T> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < least || value > most))
            result.AddError($"{option.Name} must be from {least} to {most}.");
    });
}
