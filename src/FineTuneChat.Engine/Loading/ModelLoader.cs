using FineTuneChat.Chat.Encoding;
using FineTuneChat.Engine.Adapters;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Inference;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Templates;

namespace FineTuneChat.Engine.Loading;

/// <summary>Loads what is to be served, warms it up and says what was chosen. Whatever fails is one line with what to do.</summary>
internal sealed partial class ModelLoader(EngineStart start, TimeProvider clock, ILoggerFactory logs)
{
    /// <summary>What was loaded and how, a few lines.</summary>
    public IReadOnlyList<string> Description { get; private set; } = [];

    /// <exception cref="UserException">Something that was named is missing, damaged, or does not fit.</exception>
    public ServedModel Load()
    {
        try
        {
            // 1. Checked in managed code, and against the memory there is, before native code sees it.
            GgufFile file = ModelFile.Open(start.Model);
            ModelShape shape = ModelFile.Check(file);
            NativeLibraries.Load(logs.CreateLogger("llama.cpp"));
            Machine machine = Machine.Here();
            LoadPlan plan = new LoadPlanner(file, shape, start.Settings, machine).Choose();

            // 2. Loaded.
            LlamaModel model = LlamaModel.Load(file, plan.Model, start.Supervised ? new LoadingProgress().Tell : null);
            ScaledAdapter[] adapters = [.. start.Adapters.Select(choice => new ScaledAdapter(new LoadedAdapter(model, choice.Path), choice.Scale))];
            ModelPurpose purpose = ModelPurposes.Of(file);
            ConversationEncoder encoder = Encoder(model, purpose);
            InferenceEngine engine = StartEngine(plan, model, purpose, adapters);
            var embedder = new Embedder(model, plan.ContextLength, plan.Context, adapters);
            Description = [.. plan.Describe(file, start.Adapters, machine)];
            string alias = start.Alias ?? Path.GetFileNameWithoutExtension(start.Model);
            var registry = new AdapterRegistry(model, file, alias, start.Settings.MaxAdapters, start.Settings.MaxQueue, clock);
            return new ServedModel(alias, model, purpose, adapters, registry, encoder, engine, embedder, SamplingDefaults.Of(file.Metadata), clock.GetUtcNow());
        }
        catch (Exception e) when (e is GgufException or IOException or UnauthorizedAccessException or LlamaException or NativeLibraryException)
        {
            throw new UserException(e.Message, e);
        }
        catch (TemplateException e)
        {
            throw new UserException($"{e.Message} Give another with --chat-template-file.", e);
        }
    }

    private ConversationEncoder Encoder(LlamaModel model, ModelPurpose purpose)
    {
        string? source = start.ChatTemplateFile is { } path ? File.ReadAllText(path) : null;
        ConversationEncoder encoder = ConversationEncoder.OfModel(model, source, clock);
        if (purpose == ModelPurpose.Text && encoder.Template.Warning is { } warning)
            LogWarning(logs.CreateLogger<ServedModel>(), warning);
        return encoder;
    }

    private InferenceEngine StartEngine(LoadPlan plan, LlamaModel model, ModelPurpose purpose, ScaledAdapter[] adapters)
    {
        ContextOptions options = model.CanSharePrefixes ? plan.Context : plan.Context with { MaxSequences = plan.Parallel };
        var limits = new Inference.EngineOptions
        {
            ContextLength = plan.ContextLength,
            Parallel = plan.Parallel,
            MaxQueue = start.Settings.MaxQueue,
            KeptTokens = KeptTokens,
            Speculation = start.Settings.Speculation switch
            {
                EngineSettings.On => SpeculationMode.On,
                EngineSettings.Off => SpeculationMode.Off,
                _ => SpeculationMode.Auto,
            },
        };
        IModelRunner runner = purpose == ModelPurpose.Text
            ? new LlamaModelRunner(model, options, adapters)
            : new NoTextRunner(plan.ContextLength, plan.Parallel);
        return new InferenceEngine(runner, limits, clock);
    }

    private int? KeptTokens => start.Settings.PrefixCacheTokens >= 0 ? start.Settings.PrefixCacheTokens : null;

    [LoggerMessage(2004, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger log, string warning);
}
