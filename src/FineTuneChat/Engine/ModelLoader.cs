using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Cli;
using FineTuneChat.Inference;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Engine;

/// <summary>Loads what the settings name, warms it up and says what it chose. Whatever fails is one line with what to do.</summary>
internal sealed class ModelLoader(EngineSettings settings, TimeProvider clock, ILoggerFactory logs)
{
    private const int KeptSequences = 32; // at most: prompts are compared with each
    private const int DefaultContext = 8192; // tokens; more only when asked for: the cache costs memory

    /// <summary>What was loaded, in one line.</summary>
    public string Description { get; private set; } = "";

    /// <exception cref="UserException">Something that the settings name is missing, damaged, or does not fit.</exception>
    public ServedModel Load()
    {
        try
        {
            GgufFile file = GgufFile.Open(settings.Model); // checked in managed code, before native code sees it
            NativeLibraries.Load(logs.CreateLogger("llama.cpp"));
            LlamaModel model = LlamaModel.Load(settings.Model);
            LoraAdapter? adapter = settings.Adapter is { } path ? OpenAdapter(model, path) : null;
            ConversationEncoder encoder = Encoder(model);
            InferenceEngine engine = StartEngine(file, model, adapter);
            string alias = settings.Alias ?? Path.GetFileNameWithoutExtension(settings.Model);
            var embedder = new Embedder(model, engine.ContextLength, settings.Threads ?? ComputeThreads.Default, adapter is null ? [] : [new(adapter)]);
            return new ServedModel(alias, model, adapter, encoder, engine, embedder, SamplingDefaults.Of(file.Metadata), clock.GetUtcNow());
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

    private static LoraAdapter OpenAdapter(LlamaModel model, string path)
    {
        GgufFile.Open(path);
        return new LoraAdapter(model, path);
    }

    private ConversationEncoder Encoder(LlamaModel model)
    {
        string? source = settings.ChatTemplateFile is { } path ? File.ReadAllText(path) : null;
        ConversationEncoder encoder = ConversationEncoder.OfModel(model, source, clock);
        if (encoder.Template.Warning is { } warning)
            logs.CreateLogger<ServedModel>().ModelWarning(warning);
        return encoder;
    }

    private InferenceEngine StartEngine(GgufFile file, LlamaModel model, LoraAdapter? adapter)
    {
        int trained = model.TrainedContextLength;
        int context = settings.ContextLength ?? Math.Min(trained, DefaultContext);
        if (context > trained)
            throw new UserException($"--ctx {context} is more than the {trained} tokens that {settings.Model} was trained for. Choose at most {trained}.");
        int cache = CacheSize.Tokens(context, settings.Parallel, CacheSize.BytesPerToken(file));
        int threads = settings.Threads ?? ComputeThreads.Default;

        int sequences = settings.Parallel + (model.CanSharePrefixes ? KeptSequences : 0);
        var runner = new LlamaModelRunner(model, new() { CacheTokens = cache, MaxSequences = sequences, Threads = threads }, adapter is null ? [] : [new(adapter)]);
        Description = $"{model.Description}{(adapter is null ? "" : " with " + Path.GetFileName(adapter.Path))} from {settings.Model}; "
            + $"context {context} tokens, up to {settings.Parallel} replies at a time, cache {runner.CacheTokens} tokens, {threads} threads";
        return new InferenceEngine(runner, new() { ContextLength = context, Parallel = settings.Parallel, MaxQueue = settings.MaxQueue, KeptTokens = settings.PrefixCacheTokens }, clock);
    }
}
