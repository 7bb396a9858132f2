using System.CommandLine;
using FineTuneChat.Engine;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Cli;

/// <summary><c>engine</c>: one model's OpenAI server alone, as the gateway starts it.</summary>
internal static class EngineCommand
{
    private static readonly Option<string> Model = new("--model") { HelpName = "FILE", Description = "GGUF file to serve.", Required = true };
    private static readonly Option<string[]> Adapter = new("--adapter")
    {
        HelpName = "FILE[:SCALE]",
        Description = "LoRA adapter (GGUF) to apply to it, and how strongly; may be given several times.",
    };
    private static readonly Option<string?> Socket = new("--socket")
    {
        HelpName = "PATH",
        Description = "Unix-domain socket to listen on; only its user may connect.",
    };
    private static readonly Option<string> Urls = new("--urls")
    {
        HelpName = "URL",
        Description = "Address to listen on without a socket; this machine only.",
        DefaultValueFactory = _ => EngineStart.DefaultUrl,
    };
    private static readonly Option<string?> Alias = new("--alias")
    {
        HelpName = "NAME",
        Description = "The model's name in requests and replies (default: the file's name).",
    };
    private static readonly Option<string?> ChatTemplateFile = new("--chat-template-file")
    {
        HelpName = "FILE",
        Description = "Jinja chat template to use instead of the model's own.",
    };
    private static readonly Option<bool> Supervised = new("--supervised") { Description = "End when standard input closes." };

    public static Command Create()
    {
        var command = new Command("engine", "Serve one model with the OpenAI API, without page, keys or learning.");
        foreach (Option option in new Option[] { Model, Adapter, Socket, Urls, Alias, ChatTemplateFile, Supervised })
            command.Options.Add(option);
        SettingOptions.Engine.AddTo(command);
        Adapter.Validators.Add(result =>
        {
            foreach (string wrong in result.Tokens.Select(t => t.Value).Where(v => !(MathF.Abs(AdapterChoice.Parse(v).Scale) <= AdapterChoice.MaxScale)))
                result.AddError($"--adapter is '{wrong}', but its scale must be from {-AdapterChoice.MaxScale} to {AdapterChoice.MaxScale}.");
        });
        command.SetAction((parsed, cancellation) => EngineHost.RunAsync(
            new EngineStart
            {
                Model = parsed.GetRequiredValue(Model),
                Adapters = [.. (parsed.GetValue(Adapter) ?? []).Select(AdapterChoice.Parse)],
                Socket = parsed.GetValue(Socket),
                Url = parsed.GetRequiredValue(Urls),
                Alias = parsed.GetValue(Alias),
                ChatTemplateFile = parsed.GetValue(ChatTemplateFile),
                Supervised = parsed.GetValue(Supervised),
                Settings = SettingOptions.Engine.Read(parsed),
            },
            cancellation));
        return command;
    }
}
