using System.Text.Json;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Engine.Adapters;
using FineTuneChat.Engine.Completions;
using FineTuneChat.Engine.Replies;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Inference;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;
using FineTuneChat.Templates;

namespace FineTuneChat.Engine;

/// <summary>The one model of this process, and its adapters: their names, its prompt format, its engine.</summary>
internal sealed class ServedModel(
    string alias,
    LlamaModel model,
    ModelPurpose purpose,
    IReadOnlyList<ScaledAdapter> always,
    AdapterRegistry adapters,
    ConversationEncoder encoder,
    InferenceEngine engine,
    Embedder embedder,
    SamplingParameters defaults,
    DateTimeOffset loaded) : IAsyncDisposable
{
    private const int MostBytes = 8; // that a token of a usual text has
    private const int UsualOverhead = 8; // tokens around a message
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly TokenLowerBound _lowerBound = new(model.Vocabulary);
    private readonly Lazy<int> _messageOverhead = new(() => OverheadOf(encoder));
    private readonly Lazy<ToolFormat> _toolFormat = new(() => ToolFormatFinder.Find(encoder.Template));
    private readonly Lazy<Dictionary<int, byte[]>> _markers = new(() => MarkersOf(model.Vocabulary, ToolFormatFinder.Find(encoder.Template)));

    /// <summary>What replies call it, e.g. "assistant@3".</summary>
    public string Alias => alias;

    public InferenceEngine Engine => engine;

    /// <summary>Sampling where a request does not say.</summary>
    public SamplingParameters Defaults => defaults;

    public Vocabulary Vocabulary => model.Vocabulary;

    public int VocabularySize => model.Vocabulary.Count;

    /// <summary>Of its file, without the folder.</summary>
    public string FileName => Path.GetFileName(model.Path);

    public string ChatTemplate => encoder.Template.Source;

    public ModelPurpose Purpose => purpose;

    /// <summary>How a reranker reads a query and a document; null where its file does not say.</summary>
    public string? RerankTemplate => model.RerankTemplate;

    public Embedder Embedder => embedder;

    public LogprobMapper Logprobs { get; } = new(model.Vocabulary);

    public AdapterRegistry Adapters => adapters;

    /// <summary>All names that requests may ask for: the model's first, then those of its adapters.</summary>
    public IReadOnlyList<ModelObject> Cards => [Card(alias, loaded, parent: null), .. adapters.List().Select(a => Card(a.Name, a.Created, alias))];

    /// <summary>Refuses a request that the model is not made for. One that writes makes vectors, too: those of its states.</summary>
    /// <param name="what">What the request asks for.</param>
    /// <exception cref="OpenAiException">400: it is not, and where it can be of use.</exception>
    public void Require(ModelPurpose what)
    {
        string? instead = (purpose, what) switch
        {
            (ModelPurpose.Embeddings, ModelPurpose.Text) => "makes vectors of texts and writes none. Send texts to POST /v1/embeddings.",
            (ModelPurpose.Rerank, ModelPurpose.Text) => "says how well documents answer a query, and writes no text. Send both to POST /v1/rerank.",
            (ModelPurpose.Rerank, ModelPurpose.Embeddings) => "says how well documents answer a query, and makes no vectors. Send both to POST /v1/rerank.",
            _ => null,
        };
        if (instead is not null)
            throw OpenAiException.InvalidRequest($"The model '{alias}' {instead}", "model", OpenAiException.ModelNotSupported);
    }

    /// <summary>Whom a request asks, by the gateway's word or by the body's <c>model</c>: the model, or one of its adapters, which is loaded now.</summary>
    /// <exception cref="OpenAiException">404: there is no such name; 429, 503: its adapter cannot be loaded.</exception>
    public async Task<AskedModel> AskAsync(HttpContext http, string? name)
    {
        (name, KnownAdapter? adapter) = Find(http, name);
        try
        {
            return adapter is null ? new(name) : new(name, await adapters.UseAsync(adapter, http.RequestAborted));
        }
        catch (Exception e) when (e is GgufException or LlamaException or IOException or UnauthorizedAccessException)
        {
            throw OpenAiException.Unavailable($"The adapter '{name}' cannot be loaded: {e.Message}", Retry);
        }
    }

    /// <summary>As <see cref="AskAsync"/>, of a request to which all of them answer the same: whom it asks.</summary>
    /// <exception cref="OpenAiException">404: there is no such name.</exception>
    public string NameOf(HttpContext http, string? name) => Find(http, name).Name;

    /// <summary>A request may leave the name out, or leave the version out.</summary>
    private (string Name, KnownAdapter? Adapter) Find(HttpContext http, string? name)
    {
        if (http.Request.Headers[EngineHeaders.Model].ToString() is { Length: > 0 } told)
            return Told(Uri.UnescapeDataString(told), http.Request.Headers[EngineHeaders.Adapter]);
        name = ModelName.WithoutTag(name);
        if (name is null || name == alias || alias.StartsWith(name + "@", StringComparison.Ordinal))
            return (alias, null);
        return (name, adapters.Find(name) ?? throw OpenAiException.ModelNotFound(name, Cards.Select(card => card.Id)));
    }

    private (string Name, KnownAdapter? Adapter) Told(string name, string? file) =>
        (name, string.IsNullOrEmpty(file) ? null : adapters.FindOrAdd(name, AdapterChoice.Parse(Uri.UnescapeDataString(file))));

    private ModelObject Card(string id, DateTimeOffset created, string? parent) =>
        new() { Id = id, Created = created.ToUnixTimeSeconds(), Type = ModelPurposes.TypeOf(purpose), ContextLength = engine.ContextLength, Parent = parent };

    /// <summary>How it writes calls of tools.</summary>
    public ToolFormat ToolFormat => _toolFormat.Value;

    /// <summary>Control tokens that stand around calls and reasoning: in replies they are text.</summary>
    public IReadOnlyDictionary<int, byte[]> Markers => _markers.Value;

    /// <summary>The prompt up to where the reply begins.</summary>
    /// <exception cref="OpenAiException">400: the chat template does not take these messages.</exception>
    public EncodedPrompt Encode(ChatCompletionRequest request, RequestTools tools)
    {
        try
        {
            RequestMessage? begun = request.BegunReply;
            IReadOnlyList<ChatMessage> messages = RequestMapper.Messages(begun is null ? request.Messages! : [.. request.Messages!.SkipLast(1)]);
            RenderedPrompt rendered = RenderPrompt(messages, tools.Offered, addGenerationPrompt: true, request.ChatTemplateKwargs);
            ReasoningStart reasoning = ReasoningTags.StartOf(encoder.Template, rendered);
            if (begun is not null)
                (rendered, reasoning) = (ReasoningTags.WithAnswer(rendered, reasoning, begun.ReasoningContent, begun.Content), ReasoningStart.None);
            RequireRoomFor(rendered.Text, "messages");
            int[] prompt = encoder.EncodePrompt(rendered);
            if (prompt.Length == 0)
                throw OpenAiException.InvalidRequest("The model's chat template makes an empty prompt of these messages.", "messages");
            return new(prompt, reasoning, begun is null ? ToolFormat.OpeningOf(rendered.Text) : "");
        }
        catch (TemplateException e)
        {
            throw Refused(e);
        }
    }

    /// <summary>The tokens of what a reply may be. A text that is too long to be a reply is no good guess: its beginning may be.</summary>
    public int[] Predicted(string text)
    {
        string beginning = text[..(int)Math.Min(text.Length, (long)MostBytes * engine.ContextLength)];
        return model.Vocabulary.Tokenize(beginning, addSpecial: false, parseSpecial: false);
    }

    /// <summary>How many tokens a text has at least, if that is more than a limit; null otherwise. Fast, however long the text is.</summary>
    public int? TokensBeyond(string text, int limit) => _lowerBound.Beyond(text, limit);

    /// <summary>How many tokens a text is; of one far beyond the context only how many at least.</summary>
    public int CountTokens(string? text) =>
        string.IsNullOrEmpty(text) ? 0 : TokensBeyond(text, engine.ContextLength) ?? encoder.CountTokens(text);

    /// <summary>Tokens that the template writes around a message.</summary>
    public int MessageOverhead => _messageOverhead.Value;

    /// <summary>Refuses a text that is far too long for the context before time and memory are spent on its tokens.</summary>
    /// <exception cref="OpenAiException">400: it is.</exception>
    public void RequireRoomFor(string text, string param)
    {
        if (TokensBeyond(text, engine.ContextLength) is { } tokens)
            throw OpenAiException.ContextLengthExceeded(param, tokens, engine.ContextLength, isLeast: true);
    }

    /// <summary>What the chat template makes of messages.</summary>
    /// <exception cref="OpenAiException">400: it does not take them.</exception>
    public string Render(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ChatTool> tools,
        bool addGenerationPrompt,
        IReadOnlyDictionary<string, JsonElement>? variables)
    {
        try
        {
            return RenderPrompt(messages, tools, addGenerationPrompt, variables).Text;
        }
        catch (TemplateException e)
        {
            throw Refused(e);
        }
    }

    private RenderedPrompt RenderPrompt(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<ChatTool> tools,
        bool addGenerationPrompt,
        IReadOnlyDictionary<string, JsonElement>? variables)
    {
        if (tools.Count > 0 || messages.Any(m => m.ToolCalls.Count > 0 || m.Role == ChatRole.Tool))
            (messages, tools) = ToolPrompt.Of(ToolFormat, messages, tools);
        try
        {
            return encoder.Template.Render(messages, tools, addGenerationPrompt, variables);
        }
        catch (TemplateException e) when (tools.Count > 0 && e.Error != TemplateError.Limit)
        {
            return encoder.Template.Render(messages, [.. tools.Select(tool => tool.Completed())], addGenerationPrompt, variables);
        }
    }

    /// <summary>What two messages more make longer, but for their words; where the template refuses such ones, what most need.</summary>
    private static int OverheadOf(ConversationEncoder encoder)
    {
        ChatMessage question = new(ChatRole.User, "?"), reply = new(ChatRole.Assistant, "!");
        try
        {
            int more = encoder.EncodePrompt([question, reply, question]).Length - encoder.EncodePrompt([question]).Length;
            return Math.Max(1, (more - encoder.CountTokens("?") - encoder.CountTokens("!") + 1) / 2);
        }
        catch (TemplateException)
        {
            return UsualOverhead;
        }
    }

    private static Dictionary<int, byte[]> MarkersOf(Vocabulary vocabulary, ToolFormat format)
    {
        var markers = new Dictionary<int, byte[]>();
        foreach (string text in format.Markers.Concat(ReasoningTags.Markers))
        {
            if (vocabulary.Tokenize(text, addSpecial: false, parseSpecial: true) is [int token] && vocabulary.IsControl(token))
                markers[token] = vocabulary.SpecialPieceOf(token);
        }

        return markers;
    }

    private static OpenAiException Refused(TemplateException e) =>
        OpenAiException.InvalidRequest($"The model's chat template does not take these messages: {e.Message}", "messages");

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        embedder.Dispose();
        adapters.Dispose();
        foreach (ScaledAdapter adapter in always)
            adapter.Adapter.Dispose();
        model.Dispose();
    }
}

/// <summary>A prompt, ready for the engine.</summary>
/// <param name="Tokens">Its ids, at least one.</param>
/// <param name="Reasoning">Whether it has opened the reasoning of its reply.</param>
/// <param name="Opening">See <see cref="ToolFormat.OpeningOf"/>.</param>
internal sealed record EncodedPrompt(int[] Tokens, ReasoningStart Reasoning, string Opening = "");
