using System.Security.Cryptography;
using FineTuneChat.Chat.Messages;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Inference;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary>From the engine to the wire: the chunks of a streamed chat reply, or the whole one.</summary>
internal sealed class ChatReply(string model, DateTimeOffset created, ChatCompletionRequest request, LogprobMapper logprobs, Func<ReplyReader> newReader) : IReplyShape
{
    private readonly string _id = "chatcmpl-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly long _created = created.ToUnixTimeSeconds();
    private readonly bool _includesUsage = request.StreamOptions?.IncludeUsage ?? false;
    private readonly ReplyReader[] _readers = [.. Enumerable.Range(0, request.N ?? 1).Select(_ => newReader())]; // of a stream
    private readonly int[] _calls = new int[request.N ?? 1];

    public string PromptName => "messages";

    public int Choices => request.N ?? 1;

    public int Prompts => 1;

    /// <summary>Carries the role, and no text.</summary>
    public void WriteFirst(SseWriter sse, int choice) => Write(sse, Chunk(choice, new() { Role = "assistant", Content = "" }));

    public void WriteText(SseWriter sse, GenerationEvent next) => WriteParts(sse, next.Choice, _readers[next.Choice].Read(next.Text), next.Tokens);

    /// <summary>Says why the reply ended; the last one also how fast it was.</summary>
    public void WriteLast(SseWriter sse, int choice, GenerationSummary summary, ReplyTotals? totals)
    {
        WriteParts(sse, choice, _readers[choice].Finish(), tokens: null);
        Write(sse, Chunk(choice, new(), summary.Reason.ToWire(_calls[choice] > 0)) with { Timings = totals?.ToTimings(Choices) });
    }

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

    private ChatChoice Choice(WrittenChoice choice, int index)
    {
        ReplyReader reader = newReader();
        ReplyPart[] parts = [.. reader.Read(choice.Text), .. reader.Finish()];
        ToolCall[] calls = [.. parts.Where(p => p.Call is not null).Select(p => ToWire(p.Call!))];
        string text = string.Concat(parts.Select(p => p.Text));
        string reasoning = string.Concat(parts.Select(p => p.Reasoning));
        return new()
        {
            Index = index,
            Message = new()
            {
                Content = text.Length == 0 && calls.Length > 0 ? null : text,
                ReasoningContent = reasoning.Length > 0 ? reasoning : null,
                ToolCalls = calls.Length > 0 ? calls : null,
            },
            Logprobs = Logprobs(choice.Tokens),
            FinishReason = choice.Summary!.Reason.ToWire(calls.Length > 0),
        };
    }

    private void WriteParts(SseWriter sse, int choice, IReadOnlyList<ReplyPart> parts, IReadOnlyList<SampledToken>? tokens)
    {
        foreach (ChunkDelta delta in parts.SelectMany(part => Deltas(choice, part)))
        {
            Write(sse, Chunk(choice, delta, tokens: tokens));
            tokens = null; // told once
        }

        if (tokens is { Count: > 0 })
            Write(sse, Chunk(choice, new() { Content = "" }, tokens: tokens));
    }

    /// <summary>A call is two deltas: who is called, then with what.</summary>
    private IEnumerable<ChunkDelta> Deltas(int choice, ReplyPart part)
    {
        if (part.Call is not { } call)
            return [new() { Content = part.Text, ReasoningContent = part.Reasoning }];
        int index = _calls[choice]++;
        ToolCall wire = ToWire(call);
        return
        [
            new() { ToolCalls = [new() { Index = index, Id = wire.Id, Type = wire.Type, Function = new() { Name = call.Name, Arguments = "" } }] },
            new() { ToolCalls = [new() { Index = index, Function = new() { Arguments = call.Arguments } }] },
        ];
    }

    private static ToolCall ToWire(ChatToolCall call) => new() { Id = call.Id, Type = "function", Function = new() { Name = call.Name, Arguments = call.Arguments } };

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
