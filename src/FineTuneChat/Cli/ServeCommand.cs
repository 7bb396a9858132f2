using System.CommandLine;
using FineTuneChat.Desktop;
using FineTuneChat.Gateway;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Cli;

/// <summary><c>serve</c>: the gateway with engine, page and retraining. What the program does when no verb is given.</summary>
internal static class ServeCommand
{
    private static readonly Option<string?> Urls = new("--urls") { Description = "Address to listen on (default http://127.0.0.1:1234)." };
    private static readonly Option<string?> Data = new("--data") { Description = "Folder of the conversations, runs and versions (default data/)." };
    private static readonly Option<string?> Model = new("--model")
    {
        Description = "Model that the assistant starts from: a name in models/, or a GGUF file (default starter).",
    };

    public static Command Create() => AddTo(new Command("serve", "Serve the chat page and the OpenAI API, and learn from ratings (default)."));

    /// <summary>Makes a command serve: the verb, and the program without one.</summary>
    public static Command AddTo(Command command)
    {
        command.Options.Add(Urls);
        command.Options.Add(Data);
        command.Options.Add(Model);
        SettingOptions.Engine.AddTo(command);
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(Urls), parsed.GetValue(Data), parsed.GetValue(Model), SettingOptions.Engine.Section(parsed), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string? urls, string? data, string? model, IEnumerable<KeyValuePair<string, string?>> engine, CancellationToken cancellation)
    {
        var overrides = new Dictionary<string, string?>(engine);
        if (urls is not null)
            overrides["Server:Urls"] = urls;
        if (data is not null)
            overrides["Storage:Folder"] = Path.GetFullPath(data);
        if (model is not null)
            overrides["Models:Base"] = model;

        ServerSettings server = Settings.Read<ServerSettings>(SettingsFiles.Load(overrides), ServerSettings.Section);
        bool isShown = Browser.IsWanted(server.OpenBrowser, Surroundings.Look());
        if (isShown && await RunningServer.FindAsync(server.Urls, cancellation) is { } running) // clicked once more
        {
            Browser.Open(running.Address.ToString());
            running.Dispose();
            return 0;
        }

        if (SetupHost.IsNeeded(overrides) && !await SetUpAsync(overrides, cancellation))
            return 0;

        await using WebApplication app = await GatewayHost.BuildAsync(overrides, services => services.AddSystemd().AddWindowsService());
        await StartAsync(app, cancellation);
        Console.WriteLine($"FineTuneChat is at {string.Join(" and ", app.Urls)} (chat page; OpenAI API below /v1)");
        string served = app.Services.GetRequiredService<BaseModel>().Name, folder = app.Services.GetRequiredService<DataFolder>().Root;
        Console.WriteLine($"serving {served} as \"{AssistantNames.Default}\"; data in {folder}");
        if (isShown)
            Browser.Open(ListenAddresses.OnThisMachine(app.Urls.First()));
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    /// <summary>Serves the page until there is a model. False: it was ended before.</summary>
    private static async Task<bool> SetUpAsync(Dictionary<string, string?> overrides, CancellationToken cancellation)
    {
        var found = await SetupHost.RunAsync(
            overrides,
            urls =>
            {
                Console.WriteLine($"FineTuneChat is at {string.Join(" and ", urls)} (chat page)");
                Console.WriteLine("there is no model yet: fetch one on the page under Models, or with finetunechat pull owner/repo");
            },
            cancellation);
        if (found is not { } there)
            return false;
        (overrides["Models:Base"], overrides["Server:Urls"]) = there;
        return true;
    }

    private static async Task StartAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (InvalidOperationException e) when (app.Urls.Any(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)))
        {
            throw new UserException(
                $"HTTPS needs a certificate: {e.Message} Name one with Kestrel__Certificates__Default__Path and …__Password, or listen on http.", e);
        }
    }
}
