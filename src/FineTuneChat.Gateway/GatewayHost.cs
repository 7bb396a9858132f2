using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Monitoring;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Upstream;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Telemetry;
using Microsoft.Extensions.Logging.Console;

namespace FineTuneChat.Gateway;

/// <summary>Puts the gateway together: settings, what is on disk, services, pipeline, routes.</summary>
internal static class GatewayHost
{
    private const int BytesPerMegabyte = 1 << 20;

    // Settings are read once. .NET would watch every folder below that of appsettings.json, node_modules and the database's among them.
    private const string DoNotWatch = "--hostBuilder:reloadConfigOnChange=false";

    /// <param name="overrides">Settings that win over file and environment, e.g. <c>Server:Urls</c> from the command line.</param>
    /// <param name="customise">Last word on the services; for tests.</param>
    /// <exception cref="UserException">A setting, the data folder or the base model cannot be used.</exception>
    public static async Task<WebApplication> BuildAsync(IEnumerable<KeyValuePair<string, string?>> overrides, Action<IServiceCollection>? customise = null)
    {
        WebApplicationBuilder builder = CreateBuilder(overrides);
        Ground ground = Prepare(builder);
        LocalModel chosen = Chosen(ground);
        builder.Services.AddSingleton(await BaseModel.OpenAsync(chosen, ground.Database));
        builder.Services.AddGateway();
        if (ground.Settings.Upstream.IsNamed)
            builder.Services.AddSingleton<UpstreamPool>().AddSingleton<IUpstream>(provider => provider.GetRequiredService<UpstreamPool>());
        customise?.Invoke(builder.Services);
        WebApplication app = Finish(builder, ground, app => app.MapGateway());
        await app.Services.GetRequiredService<AssistantRegistry>().OpenAsync();
        return app;
    }

    /// <summary>Settings, and what is on disk.</summary>
    public static Ground Prepare(WebApplicationBuilder builder)
    {
        GatewaySettings settings = GatewaySettings.Read(builder.Configuration);
        _ = settings.Teacher.IsNamed(); // or half
        _ = settings.Upstream.Addresses();
        settings.Trainer.Check();
        Otlp.Use(settings.Telemetry);
        builder.AddTelemetry("gateway");
        ListenAddresses.CheckFree(settings.Server.Urls);
        builder.WebHost.UseUrls(settings.Server.Urls);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = (long)settings.Security.MaxBodyMegabytes * BytesPerMegabyte);
        builder.Services.AddSingleton(settings.Engine).AddSingleton(settings.Retraining).AddSingleton(settings.Storage).AddSingleton(settings.Recall)
            .AddSingleton(settings.Teacher).AddSingleton(settings.Embedding).AddSingleton(settings.Models).AddSingleton(settings.Upstream)
            .AddSingleton(settings.Documents).AddSingleton(settings.Tools).AddSingleton(settings.Talks).AddSingleton(settings.Trainer);

        ModelCatalog catalog = settings.Models.Catalog();
        var folder = new DataFolder(settings.Storage.FullPath(), isDatabaseHere: settings.Storage.Provider == StorageProvider.Sqlite);
        Database database = StorageProvider.Open(settings.Storage, folder);
        var keys = new ApiKeyStore(database, TimeProvider.System);
        bool isKeyNeeded = ListenAddresses.Check(settings.Server.Urls, settings.Security, keys.HasAdmin);
        builder.Services.AddSingleton(keys).AddSingleton(catalog);
        builder.Services.AddSingleton(_ => folder).AddSingleton(_ => database); // by factory: disposed with the host
        return new Ground(settings, catalog, database, isKeyNeeded);
    }

    /// <summary>Pipeline and routes.</summary>
    public static WebApplication Finish(WebApplicationBuilder builder, Ground ground, Action<WebApplication> map)
    {
        WebApplication app = builder.Build();
        _ = (app.Services.GetRequiredService<DataFolder>(), app.Services.GetRequiredService<Database>()); // made by the host from here on
        app.UseGateway(ground.Settings.Security, ground.IsKeyNeeded);
        map(app);
        return app;
    }

    /// <summary>As the settings say; where nobody has named one and the usual one is not there, that of the last start.</summary>
    private static LocalModel Chosen(Ground ground)
    {
        string named = ground.Settings.Models.Base;
        return named == new ModelsSettings().Base && ground.Catalog.Find(named) is null && BaseModel.LastName(ground.Database) is { } last
            && ground.Catalog.Find(last) is { } model
            ? model
            : ground.Catalog.Resolve(named);
    }

    public static WebApplicationBuilder CreateBuilder(IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        var options = new WebApplicationOptions { ContentRootPath = ContentRoot.Find(), WebRootPath = "wwwroot", Args = [DoNotWatch] };
        WebApplicationBuilder builder = WebApplication.CreateBuilder(options);
        builder.Configuration.AddUserSettings(overrides);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(console => console.SingleLine = true); // Logging:Console:FormatterName may choose JSON
        builder.Logging.AddFilter<LiveLog>(nameof(FineTuneChat), LogLevel.Debug);
        return builder;
    }
}

/// <summary>What a gateway stands on.</summary>
internal sealed record Ground(GatewaySettings Settings, ModelCatalog Catalog, Database Database, bool IsKeyNeeded);
