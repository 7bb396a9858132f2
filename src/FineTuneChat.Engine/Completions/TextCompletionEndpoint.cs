using FineTuneChat.Engine.Adapters;
using FineTuneChat.Engine.Replies;
using FineTuneChat.Engine.Tokens;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Completions;

/// <summary><c>POST /v1/completions</c>: goes on with a text, or with token ids, without any chat template.</summary>
internal static class TextCompletionEndpoint
{
    private const int DefaultMaxTokens = 16; // OpenAI's
    private const int MaxLogprobs = 20;
    private const int MaxChoices = 128;

    public static async Task HandleAsync(HttpContext http, ServedModel model, TimeProvider clock, ILogger<ServedModel> log)
    {
        TextCompletionRequest request = RequestAliases.Apply(await RequestReader.ReadAsync(http.Request, OpenAiJson.Default.TextCompletionRequest));
        Validate(request);
        model.Require(ModelPurpose.Text);
        using AskedModel asked = await model.AskAsync(http, request.Model);
        IReadOnlyList<int[]> prompts = PromptInput.Read(request.Prompt, "prompt", model, parseSpecial: true, http.RequestAborted);
        int choices = request.N ?? 1;
        if (prompts.Count * choices > MaxChoices)
            throw OpenAiException.InvalidRequest($"{prompts.Count} prompts × 'n' {choices} are more than {MaxChoices} replies.", "prompt");

        SamplingParameters sampling = RequestMapper.Sampling(request, model.Defaults, model.Vocabulary.Count);
        GenerationRequest[] tasks = [.. prompts.Select(prompt => new GenerationRequest
        {
            Prompt = prompt,
            Adapter = asked.Adapter,
            Sampling = sampling,
            MaxTokens = request.MaxTokens ?? DefaultMaxTokens,
            Stops = request.Stop ?? [],
            Choices = choices,
            TopLogprobs = request.Logprobs,
            ReusePrefix = request.CachePrompt ?? true,
            MostDrafted = request.SpeculativeNMax ?? int.MaxValue,
        })];
        string[] echoes = [.. prompts.Select(prompt => request.Echo == true ? model.Vocabulary.Detokenize(prompt, special: true) : "")];
        var reply = new TextReply(asked.Name, clock.GetUtcNow(), request, echoes, model.Logprobs);
        await GenerationRunner.RunAsync(http, model, tasks, reply, request.Stream == true, clock, log);
    }

    private static void Validate(TextCompletionRequest request)
    {
        SamplingValidator.Validate(request);
        SamplingValidator.Range("logprobs", request.Logprobs, 0, MaxLogprobs);
        if (!string.IsNullOrEmpty(request.Suffix))
            throw OpenAiException.UnsupportedParameter("suffix", "This server goes on with a text; it does not fill a gap before another.");
        if (request.BestOf is { } best && best != (request.N ?? 1))
            throw OpenAiException.UnsupportedParameter("best_of", "All 'n' replies are returned; leave 'best_of' out, or make it equal to 'n'.");
        if (request.Echo == true && request.Logprobs is not null)
            throw OpenAiException.UnsupportedParameter("logprobs",
                "Probabilities of the prompt's own tokens are not available: leave out 'echo' or 'logprobs'.");
    }
}
