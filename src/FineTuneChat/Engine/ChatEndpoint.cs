using FineTuneChat.Inference;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary><c>POST /v1/chat/completions</c>: JSON → checked request → tokens → engine → events → JSON or a stream.</summary>
internal static class ChatEndpoint
{
    public static async Task HandleAsync(HttpContext http, ServedModel model, TimeProvider clock, ILogger<ServedModel> log)
    {
        ChatCompletionRequest request = await RequestReader.ReadAsync(http.Request, OpenAiJson.Default.ChatCompletionRequest, http.RequestAborted);
        ChatCompletionValidator.Validate(request);
        model.RequireName(request.Model);
        RequestMapper.RefuseUnsupported(request);
        var task = new GenerationRequest
        {
            Prompt = model.Encode(request),
            Sampling = RequestMapper.Sampling(request, model.Defaults, model.VocabularySize),
            MaxTokens = request.TokenLimit,
            Stops = request.Stop ?? [],
            Choices = request.N ?? 1,
            TopLogprobs = request.Logprobs == true ? request.TopLogprobs ?? 0 : null,
            ReusePrefix = request.CachePrompt ?? true,
        };
        var reply = new ChatReply(model.Alias, clock.GetUtcNow(), request, model.Logprobs);
        await GenerationRunner.RunAsync(http, model, [task], reply, request.Stream == true, log);
    }
}
