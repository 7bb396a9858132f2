using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Messages;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Inference;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Native.Llama;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary>The one model of this process: its name, its prompt format, its engine.</summary>
internal sealed class ServedModel(
    string alias, LlamaModel model, LoraAdapter? adapter, ConversationEncoder encoder, InferenceEngine engine, Embedder embedder, SamplingParameters defaults, DateTimeOffset loaded) : IAsyncDisposable
{
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

    public ModelObject Card => new() { Id = alias, Created = loaded.ToUnixTimeSeconds() };

    /// <summary>A request may leave the name out, or leave the version out.</summary>
    /// <exception cref="OpenAiException">404: another name.</exception>
    public void RequireName(string? name)
    {
        if (name is not null && name != alias && !alias.StartsWith(name + "@", StringComparison.Ordinal))
            throw OpenAiException.ModelNotFound(name, [alias]);
    }

    /// <summary>The prompt's token ids, up to where the reply begins.</summary>
    /// <exception cref="OpenAiException">400: the chat template does not take these messages.</exception>
    public int[] Encode(ChatCompletionRequest request)
    {
        try
        {
            int[] prompt = encoder.EncodePrompt(RequestMapper.Messages(request.Messages!));
            return prompt.Length > 0 ? prompt : throw OpenAiException.InvalidRequest("The model's chat template makes an empty prompt of these messages.", "messages");
        }
        catch (TemplateException e)
        {
            throw Refused(e);
        }
    }

    /// <summary>What the chat template makes of messages.</summary>
    /// <exception cref="OpenAiException">400: it does not take them.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatTool> tools, bool addGenerationPrompt)
    {
        try
        {
            return encoder.Template.Render(messages, tools, addGenerationPrompt).Text;
        }
        catch (TemplateException e)
        {
            throw Refused(e);
        }
    }

    private static OpenAiException Refused(TemplateException e) =>
        OpenAiException.InvalidRequest($"The model's chat template does not take these messages: {e.Message}", "messages");

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        embedder.Dispose();
        adapter?.Dispose();
        model.Dispose();
    }
}
