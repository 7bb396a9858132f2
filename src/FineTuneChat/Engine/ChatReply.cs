using System.Security.Cryptography;
using FineTuneChat.Inference;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary>From the engine to the wire: the chunks of a streamed chat reply, or the whole one.</summary>
internal sealed class ChatReply(string model, DateTimeOffset created, ChatCompletionRequest request, LogprobMapper logprobs) : IReplyShape
{
    private readonly string _id = "chatcmpl-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly long _created = created.ToUnixTimeSeconds();
    private readonly bool _includesUsage = request.StreamOptions?.IncludeUsage ?? false;

    public string PromptName => "messages";

    public int Choices => request.N ?? 1;

    public int Prompts => 1;

    /// <summary>Carries the role, and no text.</summary>
    public void WriteFirst(SseWriter sse, int choice) => Write(sse, Chunk(choice, new() { Role = "assistant", Content = "" }));

    public void WriteText(SseWriter sse, GenerationEvent next) => Write(sse, Chunk(next.Choice, new() { Content = next.Text }, tokens: next.Tokens));

    /// <summary>Says why the reply ended; the last one also how fast it was.</summary>
    public void WriteLast(SseWriter sse, int choice, GenerationSummary summary, ReplyTotals? totals) =>
        Write(sse, Chunk(choice, new(), summary.Reason.ToWire()) with { Timings = totals?.ToTimings(Choices) });

    /// <summary>Follows the last one when usage was asked for; without choices.</summary>
    public void WriteUsage(SseWriter sse, ReplyTotals totals)
    {
        if (_includesUsage)
            Write(sse, Chunk(0, new()) with { Choices = [], Usage = StreamUsage.Of(totals.ToUsage()) });
    }

    public Task WriteWholeAsync(HttpResponse response, IReadOnlyList<WrittenChoice> choices, ReplyTotals totals, CancellationToken cancellation) =>
        response.WriteAsJsonAsync(Whole(choices, totals), OpenAiJson.Wire.ChatCompletion, contentType: null, cancellation);

    public ChatCompletion Whole(IReadOnlyList<WrittenChoice> choices, ReplyTotals totals) => new()
    {
        Id = _id,
        Created = _created,
        Model = model,
        SystemFingerprint = model,
        Choices = [.. choices.Select(Choice)],
        Usage = totals.ToUsage(),
        Timings = totals.ToTimings(Choices),
    };

    private ChatChoice Choice(WrittenChoice choice, int index) => new()
    {
        Index = index,
        Message = new() { Content = choice.Text },
        Logprobs = Logprobs(choice.Tokens),
        FinishReason = choice.Summary!.Reason.ToWire(),
    };

    private ChatCompletionChunk Chunk(int choice, ChunkDelta delta, string? finishReason = null, IReadOnlyList<SampledToken>? tokens = null) => new()
    {
        Id = _id,
        Created = _created,
        Model = model,
        SystemFingerprint = model,
        Choices = [new() { Index = choice, Delta = delta, FinishReason = finishReason, Logprobs = tokens is null ? null : Logprobs(tokens) }],
        Usage = _includesUsage ? StreamUsage.Pending : default,
    };

    private ChoiceLogprobs? Logprobs(IReadOnlyList<SampledToken> tokens) => request.Logprobs == true ? logprobs.ToChat(tokens) : null;

    private static void Write(SseWriter sse, ChatCompletionChunk chunk) => sse.Write(chunk, OpenAiJson.Wire.ChatCompletionChunk);
}
