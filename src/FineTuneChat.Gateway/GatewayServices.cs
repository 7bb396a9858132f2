using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Documentation;
using FineTuneChat.Gateway.Documents.Chat;
using FineTuneChat.Gateway.Documents.Folders;
using FineTuneChat.Gateway.Documents.Search;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Attribution;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Learning.FollowUps;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Learning.Regret;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Synthesis;
using FineTuneChat.Gateway.Learning.Trainers;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Log.Presets;
using FineTuneChat.Gateway.Log.Prompts;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Gateway.Log.Totals;
using FineTuneChat.Gateway.Log.Transfer;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Gateway.Monitoring;
using FineTuneChat.Gateway.Page;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Talks;
using FineTuneChat.Gateway.Tools;
using FineTuneChat.Gateway.Tools.Mcp;
using FineTuneChat.Gateway.Tools.Servers;

namespace FineTuneChat.Gateway;

/// <summary>The services of each feature. One instance of each serves everybody.</summary>
internal static class GatewayServices
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10); // for replies that are being written

    /// <summary>What every gateway has, one without a model, too (<see cref="SetupHost"/>).</summary>
    public static void AddFoundation(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System).AddCors().AddRequestDecompression().AddPage();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);

        // Who may call, what fits, what happens
        services.AddSingleton<RefusalLog>().AddSingleton<StorageRoom>().AddSingleton<EventHub>().AddSingleton<ChatActivity>();
        services.AddSingleton<LiveLog>().AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LiveLog>());

        // Models that are here, and those that come
        services.AddSingleton(provider => provider.GetRequiredService<ModelsSettings>().Connect(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ModelHub>().AddSingleton<LocalModels>().AddSingleton<ModelDownloads>();
        services.AddSingleton(provider => new ModelPull(
            provider.GetRequiredService<ModelHub>(), provider.GetRequiredService<ModelCatalog>(),
            provider.GetRequiredService<ModelsSettings>().HubConnections));
    }

    public static void AddGateway(this IServiceCollection services)
    {
        services.AddFoundation();
        services.AddApiDocument();

        // Assistants
        services.AddSingleton<AssistantRegistry>().AddSingleton<AssistantManager>().AddSingleton<AssistantFile>();
        services.AddHosted<AssistantEraser>();

        // Conversations
        services.AddSingleton<ExchangeLog>().AddSingleton<ConversationStore>().AddSingleton<ConversationReporter>().AddSingleton<ConversationImport>();
        services.AddSingleton<PresetStore>().AddSingleton<PromptStore>().AddSingleton<StoredCompletionStore>().AddSingleton<UsageStore>();
        services.AddSingleton<SummaryStore>().AddSingleton<SummaryWriter>().AddSingleton<ITalkFolding, TalkFolder>();

        // Engines
        services.AddSingleton<ChatTurns>().AddSingleton<VersionExamples>();
        services.AddSingleton<ModelDirectory>();
        services.AddHosted<VersionSwitch>();
        services.AddHosted<EngineRouter>();
        services.AddDialects();

        // Vectors of texts
        services.AddSingleton<EmbedderProcess>().AddSingleton<ITextEmbedder, MiniLmEmbedder>().AddSingleton<EmbeddingProxy>();

        // Tools
        services.AddSingleton<ToolServerStore>().AddSingleton<ToolBox>().AddSingleton<IAssistantTools, RequestedTools>();
        services.AddMcpTools();

        // Models
        services.AddSingleton<LoadOptionStore>().AddSingleton<ModelManager>();

        // Documents
        services.AddSingleton<VectorStores>().AddSingleton<StoreFiles>().AddSingleton<ChunkStore>().AddSingleton<VectorIndex>();
        services.AddSingleton<Reranker>().AddSingleton<DocumentSearch>().AddSingleton<PassageReader>().AddSingleton<IRetrieval, DocumentRetrieval>();
        services.AddSingleton<FolderStore>().AddSingleton<FolderSync>();
        services.AddHosted<DocumentIngestion>();
        services.AddHosted<FolderWatcher>();

        // Learning
        services.AddSingleton<RatingStore>().AddSingleton<PreferenceStore>().AddSingleton<RegretGuard>().AddSingleton<SourceStore>();
        services.AddSingleton<FollowUpStore>().AddSingleton<FollowUpDetector>();
        services.AddSingleton<ExampleStore>().AddSingleton<IExampleLimit, ExampleLimit>().AddSingleton<ExampleImport>().AddSingleton<ImportStore>();
        services.AddSingleton<RunStore>().AddSingleton<ReferenceReplies>().AddSingleton<RewordingStore>().AddSingleton<QuestionRewriter>();
        services.AddSingleton<SynthesisStore>().AddSingleton<SyntheticRows>().AddSingleton<RowModels>().AddSingleton<RowChecks>();
        services.AddSingleton<TaughtStore>().AddSingleton<AutomaticSwitch>().AddSingleton<GateMeasuring>();
        services.AddSingleton<RecallStore>().AddSingleton<IRecall, Recaller>().AddSingleton<QuestionEmbedder>();
        services.AddSingleton<UploadedFiles>().AddSingleton<JobStore>().AddSingleton<RunPause>().AddSingleton<JobDesk>();
        services.AddSingleton<IGuestRuns, GuestRuns>();
        services.AddSingleton<ErasedTexts>().AddSingleton<RemovalMeasuring>().AddSingleton<RunPreparation>().AddSingleton<RetrainingJob>();
        services.AddTrainer();
        services.AddSingleton<Eraser>().AddSingleton<ErasureStore>().AddSingleton<FileSearch>().AddSingleton<ErasureFinish>();
        services.AddHosted<QuestionVectors>();
        services.AddHosted<JobWorker>();
        services.AddHosted<RetrainingWorker>();
        services.AddHosted<RetrainingService>();
        services.AddHosted<ErasureWorker>();
        services.AddHosted<SynthesisWorker>();
    }

    /// <summary>A service that works by itself, too: started and stopped with the host.</summary>
    private static void AddHosted<T>(this IServiceCollection services) where T : class, IHostedService =>
        services.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());
}
