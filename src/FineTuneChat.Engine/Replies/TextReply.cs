using System.Security.Cryptography;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Engine.Replies;

/// <summary>From the engine to the wire: the events of a streamed completion, or the whole one.</summary>
/// <param name="model">The version that answers.</param>
/// <param name="created">When the request came.</param>
/// <param name="request">The checked request.</param>
/// <param name="echoes">What goes before the reply, by prompt; empty texts where the request does not ask for it.</param>
/// <param name="logprobs">Writes probabilities.</param>
internal sealed class TextReply(string model, DateTimeOffset created, TextCompletionRequest request, IReadOnlyList<string> echoes, LogprobMapper logprobs)
    : IReplyShape
{
    private readonly string _id = "cmpl-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly long _created = created.ToUnixTimeSeconds();
    private readonly bool _includesUsage = request.StreamOptions?.IncludeUsage ?? false;
    private readonly int[] _written = new int[echoes.Count * (request.N ?? 1)]; // characters streamed of each choice

    public string Operation => "text_completion";
    public string Model => model;
    public string PromptName => "prompt";

    public int Choices => _written.Length;

    public int Prompts => echoes.Count;

    public void WriteFirst(SseWriter sse, int choice)
    {
        if (Echo(choice).Length > 0)
            Write(sse, Choice(choice, Echo(choice)));
    }

    public void WriteText(SseWriter sse, GenerationEvent next)
    {
        Write(sse, Choice(next.Choice, next.Text, next.Tokens, _written[next.Choice]));
        _written[next.Choice] += next.Text.Length;
    }

    public void WriteLast(SseWriter sse, int choice, GenerationSummary summary, ReplyTotals? totals) =>
        sse.Write(Event([Choice(choice, "") with { FinishReason = summary.Reason.ToWire() }]) with { Timings = totals?.ToTimings(Choices) },
            OpenAiJson.Wire.TextCompletion);

    public void WriteUsage(SseWriter sse, ReplyTotals totals)
    {
        if (_includesUsage)
            sse.Write(Event([]) with { Usage = StreamUsage.Of(totals.ToUsage()) }, OpenAiJson.Wire.TextCompletion);
    }

    public Task WriteWholeAsync(HttpResponse response, IReadOnlyList<WrittenChoice> choices, ReplyTotals totals, CancellationToken cancellation)
    {
        TextCompletion whole = Event(
            [.. choices.Select((c, i) => Choice(i, Echo(i) + c.Text, c.Tokens) with { FinishReason = c.Summary!.Reason.ToWire() })]) with
        {
            Usage = StreamUsage.Of(totals.ToUsage()),
            Timings = totals.ToTimings(Choices),
        };
        return response.WriteAsJsonAsync(whole, OpenAiJson.Wire.TextCompletion, contentType: null, cancellation);
    }

    private string Echo(int choice) => echoes[choice / (Choices / Prompts)];

    private TextChoice Choice(int index, string text, IReadOnlyList<SampledToken>? tokens = null, int offset = 0) => new()
    {
        Text = text,
        Index = index,
        Logprobs = request.Logprobs is not null && tokens is not null ? logprobs.ToCompletion(tokens, offset) : null,
        FinishReason = null,
    };

    private void Write(SseWriter sse, TextChoice choice) => sse.Write(Event([choice]), OpenAiJson.Wire.TextCompletion);

    private TextCompletion Event(IReadOnlyList<TextChoice> choices) => new()
    {
        Id = _id,
        Created = _created,
        Model = model,
        SystemFingerprint = model,
        Choices = choices,
        Usage = _includesUsage ? StreamUsage.Pending : default,
    };
}
