using System.Security.Cryptography;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Engine.Adapters;
using FineTuneChat.Engine.Replies;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Completions;

/// <summary><c>POST /v1/chat/completions</c>: JSON → checked request → tokens → engine → events → JSON or a stream.</summary>
internal static class ChatEndpoint
{
    public static async Task HandleAsync(HttpContext http, ServedModel model, TimeProvider clock, ILogger<ServedModel> log)
    {
        ChatCompletionRequest request = ChatRequestReader.Read(await RequestReader.ReadBodyAsync(http.Request));
        model.Require(ModelPurpose.Text);
        using AskedModel asked = await model.AskAsync(http, request.Model);
        RequestTools tools = RequestTools.Of(request);
        EncodedPrompt prompt = model.Encode(request, tools);
        var task = new GenerationRequest
        {
            Prompt = prompt.Tokens,
            Adapter = asked.Adapter,
            Sampling = RequestMapper.Sampling(request, model.Defaults, model.VocabularySize) with
            {
                Grammar = ReplyFormat.Grammar(request, tools, model.ToolFormat, prompt),
                Markers = model.Markers,
            },
            MaxTokens = request.TokenLimit,
            Stops = request.Stop ?? [],
            Choices = request.N ?? 1,
            TopLogprobs = request.Logprobs == true ? request.TopLogprobs ?? 0 : null,
            ReusePrefix = request.CachePrompt ?? true,
            Predicted = request.Prediction?.Content is { } text ? model.Predicted(text) : [],
            MostDrafted = request.SpeculativeNMax ?? int.MaxValue,
        };
        string[] callable = [.. tools.Callable.Select(t => t.Name)];
        var reply = new ChatReply(asked.Name, clock.GetUtcNow(), request, model.Logprobs, atOnce =>
            new ReplyReader(prompt.Reasoning, model.ToolFormat, callable, NewCallId, atOnce, tools.IsText, prompt.Opening));
        await GenerationRunner.RunAsync(http, model, [task], reply, request.Stream == true, clock, log);
    }

    private static string NewCallId() => "call_" + RandomNumberGenerator.GetHexString(24, lowercase: true); // results refer to it
}
