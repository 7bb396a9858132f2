using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Documentation;
using FineTuneChat.Gateway.Documents.Search;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Attribution;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Learning.FollowUps;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Synthesis;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Log.Presets;
using FineTuneChat.Gateway.Log.Prompts;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Gateway.Log.Totals;
using FineTuneChat.Gateway.Log.Transfer;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Gateway.Monitoring;
using FineTuneChat.Gateway.Page;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Talks;
using FineTuneChat.Gateway.Tools;
using FineTuneChat.Gateway.Tools.Mcp;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway;

/// <summary>What every request passes, in order, and the routes at the end.</summary>
internal static class GatewayPipeline
{
    public static void UseGateway(this WebApplication app, SecuritySettings security, bool isKeyNeeded)
    {
        app.UseHeadRequests(endless: "/api/events");
        app.UseRouting();
        app.UseRequestIds();
        app.UseSecurityHeaders();
        app.UseOpenAiErrors();
        app.UseRequestGuard(security);
        if (security.AllowedOrigins.Length > 0)
            app.UseCors(policy => policy
                .SetIsOriginAllowed(security.AllowsOrigin).AllowAnyMethod().AllowAnyHeader()
                .WithExposedHeaders(
                    "X-Conversation-Id", Recalled.Header, Fold.Header, "Retry-After", RequestIds.Header, RateGuard.Limit, RateGuard.Remaining,
                    RateGuard.Reset));
        if (isKeyNeeded)
            app.UseKeyGuard(app.Services.GetRequiredService<ApiKeyStore>());
        if (security.RequestsPerMinute > 0 || security.ConcurrentRequests > 0)
            app.UseRateGuard(security);
        app.UseRequestDecompression(); // the limit of a body's size holds for what is unpacked
        app.UseStorageGuard(app.Services.GetRequiredService<StorageRoom>());
        app.UsePage(app.Environment.WebRootFileProvider);
        ChatActivity activity = app.Services.GetRequiredService<ChatActivity>();
        app.Use(next => http => activity.CountAsync(http, next));
    }

    public static void MapGateway(this WebApplication app)
    {
        app.MapModels();
        app.MapAssistants();
        app.MapModelManager();
        app.MapChatCompletions();
        app.MapEngineRoutes();
        app.MapDialects();
        app.MapStoredCompletions();
        app.MapConversations();
        app.MapConversationTransfer();
        app.MapUsage();
        app.MapPresets();
        app.MapPrompts();
        app.MapFeedback();
        app.MapPreferences();
        app.MapSources();
        app.MapReplyContext();
        app.MapFollowUps();
        app.MapDataset();
        app.MapImports();
        app.MapSynthesis();
        app.MapTraining();
        app.MapFiles();
        app.MapVectorStores();
        app.MapVectorStoreFiles();
        app.MapPassages();
        app.MapFineTuning();
        app.MapVersions();
        app.MapVersionFiles();
        app.MapErasure();
        app.MapTools();
        app.MapMcpTools();
        app.MapEvents();
        app.MapLog();
        app.MapApiKeys();
        app.MapApiDocument();
        RouteRules.RequireRules(app);
    }
}
