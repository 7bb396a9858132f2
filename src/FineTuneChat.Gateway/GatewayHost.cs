using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documentation;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Log.Presets;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Gateway.Log.Transfer;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Monitoring;
using FineTuneChat.Gateway.Page;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway;

/// <summary>Puts the gateway together: settings, services, pipeline, routes.</summary>
internal static class GatewayHost
{
    private const int BytesPerMegabyte = 1 << 20;
    private const string DoNotWatch = "--hostBuilder:reloadConfigOnChange=false"; // settings are read once; .NET would watch every folder below appsettings.json, node_modules and the database's among them
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10); // for replies that are being written

    /// <param name="overrides">Settings that win over file and environment, e.g. <c>Server:Urls</c> from the command line.</param>
    /// <param name="customise">Last word on the services; for tests.</param>
    /// <exception cref="UserException">A setting, the data folder or the base model cannot be used.</exception>
    public static async Task<WebApplication> BuildAsync(IEnumerable<KeyValuePair<string, string?>> overrides, Action<IServiceCollection>? customise = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = ContentRoot.Find(), WebRootPath = "wwwroot", Args = [DoNotWatch] });
        builder.Configuration.AddEnvironmentVariables("FINETUNECHAT__").AddInMemoryCollection(overrides);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);

        // Settings
        var server = Settings.Read<ServerSettings>(builder.Configuration, ServerSettings.Section);
        var security = Settings.Read<SecuritySettings>(builder.Configuration, SecuritySettings.Section);
        var models = Settings.Read<ModelsSettings>(builder.Configuration, ModelsSettings.Section);
        var engine = Settings.Read<EngineSettings>(builder.Configuration, EngineSettings.Section);
        var storage = Settings.Read<StorageSettings>(builder.Configuration, StorageSettings.Section);
        var retraining = Settings.Read<RetrainingSettings>(builder.Configuration, RetrainingSettings.Section);
        ListenAddresses.CheckFree(server.Urls);
        builder.WebHost.UseUrls(server.Urls);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = (long)security.MaxBodyMegabytes * BytesPerMegabyte);

        // What is on disk
        string root = builder.Environment.ContentRootPath;
        var catalog = new ModelCatalog(Path.Combine(root, models.Folder));
        LocalModel chosen = catalog.Resolve(models.Base);
        var folder = new DataFolder(Path.Combine(root, storage.Folder));
        var database = new Database(folder.Database);
        var keys = new ApiKeyStore(database, TimeProvider.System);
        bool isKeyNeeded = ListenAddresses.Check(server.Urls, security, keys.HasAdmin);
        BaseModel baseModel = await BaseModel.OpenAsync(chosen, database);

        builder.Services.AddSingleton(TimeProvider.System).AddCors().AddApiDocument().AddPage();
        builder.Services.AddSingleton(engine).AddSingleton(retraining).AddSingleton(storage).AddSingleton(keys).AddSingleton(catalog).AddSingleton(baseModel);
        builder.Services.AddSingleton(_ => folder).AddSingleton(_ => database); // by factory: disposed with the host
        builder.Services.AddSingleton<RefusalLog>();
        builder.Services.AddSingleton<ExchangeLog>().AddSingleton<ConversationStore>().AddSingleton<ConversationImport>().AddSingleton<PresetStore>().AddSingleton<RatingStore>().AddSingleton<PreferenceStore>().AddSingleton<StoredCompletionStore>().AddSingleton<ExampleStore>().AddSingleton<ExampleImport>().AddSingleton<ImportStore>();
        builder.Services.AddSingleton<StorageRoom>().AddSingleton<VersionStore>().AddSingleton<ChatActivity>().AddSingleton<EventHub>();
        builder.Services.AddSingleton<EngineRouter>().AddHostedService(services => services.GetRequiredService<EngineRouter>());
        builder.Services.AddSingleton<LiveLog>().AddSingleton<ILoggerProvider>(services => services.GetRequiredService<LiveLog>());
        builder.Logging.AddFilter<LiveLog>(nameof(FineTuneChat), LogLevel.Debug);
        builder.Services.AddSingleton<RunStore>().AddSingleton<ReferenceReplies>().AddSingleton<RetrainingJob>().AddSingleton<Eraser>();
        builder.Services.AddSingleton<RetrainingWorker>().AddHostedService(services => services.GetRequiredService<RetrainingWorker>());
        builder.Services.AddSingleton<RetrainingService>().AddHostedService(services => services.GetRequiredService<RetrainingService>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);

        customise?.Invoke(builder.Services);

        WebApplication app = builder.Build();
        _ = (app.Services.GetRequiredService<DataFolder>(), app.Services.GetRequiredService<Database>()); // made by the host from here on, so disposed with it
        app.UseSecurityHeaders();
        app.UseOpenAiErrors();
        app.UseRequestGuard(security);
        if (security.AllowedOrigins.Length > 0)
            app.UseCors(policy => policy.WithOrigins(security.AllowedOrigins).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders("X-Conversation-Id", "Retry-After"));
        if (isKeyNeeded)
            app.UseKeyGuard(keys);
        if (security.RequestsPerMinute > 0 || security.ConcurrentRequests > 0)
            app.UseRateGuard(security);
        app.UseStorageGuard(app.Services.GetRequiredService<StorageRoom>());
        app.UsePage(app.Environment.WebRootFileProvider);
        ChatActivity activity = app.Services.GetRequiredService<ChatActivity>();
        app.Use(next => http => activity.CountAsync(http, next));
        app.MapModels();
        app.MapChatCompletions();
        app.MapEngineRoutes();
        app.MapStoredCompletions();
        app.MapConversations();
        app.MapConversationTransfer();
        app.MapPresets();
        app.MapFeedback();
        app.MapPreferences();
        app.MapDataset();
        app.MapImports();
        app.MapTraining();
        app.MapVersions();
        app.MapEvents();
        app.MapLog();
        app.MapApiKeys();
        app.MapErasure();
        app.MapApiDocument();
        RouteRules.RequireRules(app);
        return app;
    }
}
