using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Inference;
using FineTuneChat.Native.Llama;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary>The one model of this process: its name, its prompt format, its engine.</summary>
internal sealed class ServedModel(string alias, LlamaModel model, LoraAdapter? adapter, ConversationEncoder encoder, InferenceEngine engine, SamplingParameters defaults, DateTimeOffset loaded) : IAsyncDisposable
{
    /// <summary>What replies call it, e.g. "assistant@3".</summary>
    public string Alias => alias;

    public InferenceEngine Engine => engine;

    /// <summary>Sampling where a request does not say.</summary>
    public SamplingParameters Defaults => defaults;

    public int VocabularySize => model.Vocabulary.Count;

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
            int[] prompt = encoder.EncodePrompt(RequestMapper.Messages(request));
            return prompt.Length > 0 ? prompt : throw OpenAiException.InvalidRequest("The model's chat template makes an empty prompt of these messages.", "messages");
        }
        catch (TemplateException e)
        {
            throw OpenAiException.InvalidRequest($"The model's chat template does not take these messages: {e.Message}", "messages");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        adapter?.Dispose();
        model.Dispose();
    }
}
