using System.Security.Cryptography;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Engine.Replies;

/// <summary>From the engine to the wire: the chunks of a streamed chat reply, or the whole one.</summary>
/// <param name="model">The version that answers.</param>
/// <param name="created">When the request came.</param>
/// <param name="request">The checked request.</param>
/// <param name="logprobs">Writes probabilities.</param>
/// <param name="newReader">Makes the reader of one reply; true = calls are told while they are written.</param>
internal sealed class ChatReply(
    string model, DateTimeOffset created, ChatCompletionRequest request, LogprobMapper logprobs, Func<bool, ReplyReader> newReader) : IReplyShape
{
    private readonly string _id = "chatcmpl-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly long _created = created.ToUnixTimeSeconds();
    private readonly bool _includesUsage = request.StreamOptions?.IncludeUsage ?? false;
    private readonly ChoiceReader[] _readers = [.. Enumerable.Range(0, request.N ?? 1).Select(_ => new ChoiceReader(newReader(request.Stream == true)))];
    private readonly int[] _calls = new int[request.N ?? 1]; // of a stream: told so far

    public string Operation => "chat";
    public string Model => model;
    public string PromptName => "messages";

    public int Choices => request.N ?? 1;

    public int Prompts => 1;

    /// <summary>Carries the role, and no text.</summary>
    public void WriteFirst(SseWriter sse, int choice) => Write(sse, Chunk(choice, new() { Role = "assistant", Content = "" }));

    public void WriteText(SseWriter sse, GenerationEvent next) => WriteParts(sse, next.Choice, _readers[next.Choice].Read(next), next.Tokens);

    /// <summary>Says why the reply ended; the last one also how fast it was.</summary>
    public void WriteLast(SseWriter sse, int choice, GenerationSummary summary, ReplyTotals? totals)
    {
        WriteParts(sse, choice, _readers[choice].Finish(summary), tokens: null);
        string reason = summary.Reason.ToWire(_readers[choice].Calls > 0, request.UsesFunctions);
        Write(sse, Chunk(choice, new(), reason) with { Timings = totals?.ToTimings(Choices) });
    }

    /// <summary>The usage, if it was asked for: comes last, without choices.</summary>
    public void WriteUsage(SseWriter sse, ReplyTotals totals)
    {
        if (_includesUsage)
            Write(sse, Chunk(0, new()) with { Choices = [], Usage = StreamUsage.Of(UsageOf(totals)) });
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
        Usage = UsageOf(totals),
        Timings = totals.ToTimings(Choices),
        Metadata = request.Metadata,
    };

    private Usage UsageOf(ReplyTotals totals) => totals.ToUsage(_readers.Sum(reader => reader.ReasoningTokens));

    private ChatChoice Choice(WrittenChoice choice, int index)
    {
        ReplyPart[] parts = [.. choice.Events.SelectMany(_readers[index].Read), .. _readers[index].Finish(choice.Summary!)];
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
                ToolCalls = calls.Length > 0 && !request.UsesFunctions ? calls : null,
                FunctionCall = request.UsesFunctions ? calls.FirstOrDefault()?.Function : null,
            },
            Logprobs = Logprobs(choice.Tokens),
            FinishReason = choice.Summary!.Reason.ToWire(calls.Length > 0, request.UsesFunctions),
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

    /// <summary>A call is several deltas: who is called, then with what, piece by piece.</summary>
    private IEnumerable<ChunkDelta> Deltas(int choice, ReplyPart part)
    {
        if (part.Call is { } call)
        {
            ToolCall wire = ToWire(call);
            yield return CallDelta(_calls[choice]++, wire with { Function = wire.Function! with { Arguments = "" } });
        }
        if ((part.Arguments ?? part.Call?.Arguments) is { Length: > 0 } arguments)
            yield return CallDelta(_calls[choice] - 1, new() { Function = new() { Arguments = arguments } });
        if (part.Text is not null || part.Reasoning is not null)
            yield return new() { Content = part.Text, ReasoningContent = part.Reasoning };
    }

    private ChunkDelta CallDelta(int index, ToolCall call) => request.UsesFunctions
        ? new() { FunctionCall = call.Function }
        : new() { ToolCalls = [new() { Index = index, Id = call.Id, Type = call.Type, Function = call.Function }] };

    private static ToolCall ToWire(ChatToolCall call) =>
        new() { Id = call.Id, Type = "function", Function = new() { Name = call.Name, Arguments = call.Arguments } };

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
