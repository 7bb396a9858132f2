using System.Text.Json;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Engine.Completions;
using FineTuneChat.Engine.Replies;
using FineTuneChat.Inference;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Templates;

namespace FineTuneChat.Engine;

/// <summary>The one model of this process: its name, its prompt format, its engine.</summary>
internal sealed class ServedModel(
    string alias,
    LlamaModel model,
    IReadOnlyList<ScaledAdapter> adapters,
    ConversationEncoder encoder,
    InferenceEngine engine,
    Embedder embedder,
    SamplingParameters defaults,
    DateTimeOffset loaded) : IAsyncDisposable
{
    private readonly TokenLowerBound _lowerBound = new(model.Vocabulary);
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

    public Embedder Embedder => embedder;

    public LogprobMapper Logprobs { get; } = new(model.Vocabulary);

    public ModelObject Card => new() { Id = alias, Created = loaded.ToUnixTimeSeconds(), ContextLength = engine.ContextLength };

    /// <summary>A request may leave the name out, or leave the version out.</summary>
    /// <exception cref="OpenAiException">404: another name.</exception>
    public void RequireName(string? name)
    {
        name = ModelName.WithoutTag(name);
        if (name is not null && name != alias && !alias.StartsWith(name + "@", StringComparison.Ordinal))
            throw OpenAiException.ModelNotFound(name, [alias]);
    }

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

    /// <summary>How many tokens a text has at least, if that is more than a limit; null otherwise. Fast, however long the text is.</summary>
    public int? TokensBeyond(string text, int limit) => _lowerBound.Beyond(text, limit);

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
        catch (TemplateException) when (tools.Any(tool => !tool.IsComplete))
        {
            return encoder.Template.Render(messages, [.. tools.Select(tool => tool.Completed())], addGenerationPrompt, variables);
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
        foreach (ScaledAdapter adapter in adapters)
            adapter.Adapter.Dispose();
        model.Dispose();
    }
}

/// <summary>A prompt, ready for the engine.</summary>
/// <param name="Tokens">Its ids, at least one.</param>
/// <param name="Reasoning">Whether it has opened the reasoning of its reply.</param>
/// <param name="Opening">See <see cref="ToolFormat.OpeningOf"/>.</param>
internal sealed record EncodedPrompt(int[] Tokens, ReasoningStart Reasoning, string Opening = "");
