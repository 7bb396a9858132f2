using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Gateway.Monitoring;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway;

/// <summary>
/// The gateway while there is no model at all: the page, which says how to get one, and what fetches it. It ends when a model is there; the gateway takes its
/// place at the same address.
/// </summary>
internal static class SetupHost
{
    private const string Reason =
        "There is no model here yet. Fetch one on the page under Models, or with finetunechat pull owner/repo, or put a .gguf file into the models folder.";

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1); // users put files there, too

    /// <summary>Whether there is no usable model, neither in the folders nor as the file that the settings name.</summary>
    public static bool IsNeeded(IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        WebApplicationBuilder builder = GatewayHost.CreateBuilder(overrides);
        ModelsSettings settings = GatewaySettings.Read(builder.Configuration).Models;
        ModelCatalog catalog = settings.Catalog();
        return !File.Exists(settings.Base) && Usable(catalog) is null;
    }

    /// <param name="overrides">As for <see cref="GatewayHost.BuildAsync"/>.</param>
    /// <param name="started">Told where it listens.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The model that is there now, and the address; null when it was ended before.</returns>
    public static async Task<(string Model, string Urls)?> RunAsync(
        IEnumerable<KeyValuePair<string, string?>> overrides, Action<IEnumerable<string>> started, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = GatewayHost.CreateBuilder(overrides);
        Ground ground = GatewayHost.Prepare(builder);
        builder.Services.AddFoundation();
        await using WebApplication app = GatewayHost.Finish(builder, ground, Map);
        await app.StartAsync(cancellation);
        started(app.Urls);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellation, app.Lifetime.ApplicationStopping);
        LocalModel? model = await WaitForModelAsync(ground.Catalog, stopped.Token);
        string urls = string.Join(';', app.Urls);
        await app.StopAsync(CancellationToken.None);
        return model is null ? null : (model.Name, urls);
    }

    private static async Task<LocalModel?> WaitForModelAsync(ModelCatalog catalog, CancellationToken cancellation)
    {
        using var look = new PeriodicTimer(LookInterval);
        try
        {
            while (await look.WaitForNextTickAsync(cancellation))
                if (Usable(catalog) is { } model)
                    return model;
        }
        catch (OperationCanceledException)
        {
            // the server ends
        }
        return null;
    }

    private static LocalModel? Usable(ModelCatalog catalog) =>
        catalog.List().FirstOrDefault(m => ModelDescription.Of(m).Problem is null && ModelFacts.Of(m.Path) is { IsEmbedding: false });

    private static void Map(WebApplication app)
    {
        RouteGroupBuilder models = app.MapModelHub();
        models.MapGet("", (ModelCatalog catalog, LocalModels local) =>
        {
            ModelView[] all = [.. catalog.List().Select(local.Describe)];
            return ApiJson.Result(ListPage<ModelView>.Of(all, all.Length, m => m.Name), ModelsJson.Wire.ListPageModelView);
        }).RequireScope(Scopes.Chat);
        app.MapEvents();
        app.MapLog();
        app.MapApiKeys();
        app.MapGet("/health", Missing).AllowEverybody();
        foreach (string api in (string[])["/api/{**rest}", "/v1/{**rest}"])
            app.Map(api, Missing).RequireScope(Scopes.Any).WithOrder(int.MaxValue);
        RouteRules.RequireRules(app);
    }

    private static IResult Missing() => throw OpenAiException.NoModel(Reason);
}
