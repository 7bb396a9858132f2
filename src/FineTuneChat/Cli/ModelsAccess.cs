using System.CommandLine;
using FineTuneChat.Gateway;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gateway.Models.Manager;

namespace FineTuneChat.Cli;

/// <summary>The models folder and the hub for a verb: those of the settings, whether a server runs or not.</summary>
internal sealed class ModelsAccess : IDisposable
{
    private readonly HubConnection _connection;

    private ModelsAccess(GatewaySettings settings)
    {
        Settings = settings;
        Catalog = settings.Models.Catalog();
        _connection = settings.Models.Connect(TimeProvider.System);
        var hub = new ModelHub(_connection);
        Models = new LocalModels(Catalog, hub, settings.Engine);
        Pull = new ModelPull(hub, Catalog, settings.Models.HubConnections);
    }

    public GatewaySettings Settings { get; }
    public ModelCatalog Catalog { get; }
    public LocalModels Models { get; }
    public ModelPull Pull { get; }

    public static ModelsAccess Open() => new(GatewaySettings.Read(SettingsFiles.Load()));

    /// <summary>With its whole path: who uses the verbs may see the disk.</summary>
    public ModelView Describe(LocalModel model) => Models.Describe(model) with { File = model.Path };

    public static Option<bool> JsonOption() => new("--json") { Description = "One JSON object as the last line, as where output goes to a file or a pipe" };

    /// <summary>Whether a person reads the output.</summary>
    public static bool IsForPeople(bool isJson) => !isJson && !Console.IsOutputRedirected;

    public void Dispose() => _connection.Dispose();
}
