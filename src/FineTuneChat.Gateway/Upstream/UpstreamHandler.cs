using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>
/// Asks a server elsewhere what an engine would be asked, and answers as an engine would. While nothing of a reply has come, another replica can be
/// asked in place of one that fails; after that, half a reply ends with an error.
/// </summary>
/// <param name="replicas">Who can be asked.</param>
/// <param name="features">What they do beside writing.</param>
/// <param name="settings">Of what kind they are.</param>
/// <param name="model">The model's id there.</param>
/// <param name="alias">Its name here.</param>
/// <param name="time">For dates of replies.</param>
internal sealed class UpstreamHandler(
    ReplicaSet replicas, UpstreamFeatures features, UpstreamSettings settings, string model, string alias, TimeProvider time) : HttpMessageHandler
{
    private const int MostOfReply = 64 << 20, MostOfEvent = 4 << 20; // bytes
    private const string Json = "application/json", Events = "text/event-stream";
    private static readonly HashSet<Replica> None = [];

    private static ReadOnlySpan<byte> Done => "[DONE]"u8;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            // 1. In the upstream's words.
            UpstreamRequest asked = await UpstreamRequest.ReadAsync(request, model, settings.TakesAdapters, cancellationToken);
            // 2. Nothing is asked that it would ignore.
            await features.RequireAsync(asked, model, () => replicas.Choose(model, "", None), cancellationToken);
            // 3. One replica after the other, until one has begun to answer.
            return await AnswerAsync(asked, cancellationToken);
        }
        catch (OpenAiException e)
        {
            return Refusal(e);
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(UpstreamRequest asked, CancellationToken cancellation)
    {
        IDisposable place = await replicas.PlaceAsync(cancellation);
        try
        {
            ReplicaException? lost = null;
            for (var tried = new HashSet<Replica>(); replicas.Choose(model, asked.Conversation, tried) is { } replica; tried.Add(replica))
                try
                {
                    return await AskAsync(replica, asked, place, cancellation);
                }
                catch (ReplicaException e)
                {
                    lost = e;
                    if (e.IsDown)
                        replicas.Lose(replica, e.Message);
                }
            throw lost?.Error ?? UpstreamError.Unavailable(replicas.Up.Any()
                ? $"The upstream has not got {alias} at this moment; it is being loaded there again. Send the request once more."
                : replicas.Problem);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <param name="replica">Whom.</param>
    /// <param name="asked">What.</param>
    /// <param name="place">Given back when the answer has come.</param>
    /// <param name="cancellation">The client's.</param>
    private async Task<HttpResponseMessage> AskAsync(Replica replica, UpstreamRequest asked, IDisposable place, CancellationToken cancellation)
    {
        IDisposable visit = replica.Enter();
        HttpResponseMessage? head = null;
        try
        {
            head = await SendAsync(replica, asked, cancellation);
            var reply = new UpstreamReply(asked, alias, time);
            if (asked.IsStreamed)
            {
                var reading = new Reading { Cancellation = cancellation };
                IAsyncEnumerator<byte[]> events = EventsAsync(replica, head, reply, reading).GetAsyncEnumerator(CancellationToken.None);
                if (!await events.MoveNextAsync())
                    throw UpstreamError.Nonsense("an empty stream");
                return Answer(new StreamContent(new EventStream(events, reading, [head, visit, place])), Events);
            }
            byte[] whole = await replica.ReadAsync(head, MostOfReply, cancellation);
            bool isJson = asked.Chat is not null || head.Content.Headers.ContentType?.MediaType == Json;
            HttpResponseMessage answer = Answer(new ByteArrayContent(isJson ? reply.Whole(whole) : whole), isJson ? Json : "text/plain");
            head.Dispose();
            visit.Dispose();
            place.Dispose();
            return answer;
        }
        catch
        {
            head?.Dispose();
            visit.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Replica replica, UpstreamRequest asked, CancellationToken cancellation)
    {
        try
        {
            return await replica.SendAsync(asked.Method, asked.Path, asked.Body, cancellation);
        }
        catch (OpenAiException e) when (e.Status is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)
        {
            if (asked.Chat is null && !e.Message.Contains(model, StringComparison.Ordinal))
                throw UpstreamError.Lacks($"/{asked.Path}", param: null);
            replica.LookSoon(); // it was started again, perhaps, and has lost its adapters
            throw UpstreamError.Lost($"does not know {alias} at this moment");
        }
    }

    /// <summary>The events of a stream, each whole, in their frames; the last one is the mark of a good end.</summary>
    private static async IAsyncEnumerable<byte[]> EventsAsync(Replica replica, HttpResponseMessage head, UpstreamReply reply, Reading reading)
    {
        if (head.Content.Headers.ContentType?.MediaType != Events)
            throw UpstreamError.Nonsense("what is no stream");
        var events = new SseReader();
        byte[] buffer = new byte[16 << 10];
        await using Stream body = await head.Content.ReadAsStreamAsync(reading.Cancellation);
        for (int pending = 0; await replica.ReadAsync(body, buffer, reading.Cancellation) is > 0 and int count;)
        {
            pending += count;
            foreach (ReadOnlyMemory<byte> data in events.Read(buffer.AsMemory(0, count)))
            {
                pending = 0;
                if (data.Span.SequenceEqual(Done))
                {
                    yield return End;
                    yield break;
                }
                if (ErrorOf(data.Span) is { } error)
                    throw UpstreamError.Lost($"broke off: {replica.Errors.Message(error)}");
                yield return reply.Event(data);
            }
            if (pending > MostOfEvent)
                throw UpstreamError.Nonsense("a stream without events");
        }
        if (!reply.IsFinished)
            throw UpstreamError.Lost("broke off in the middle of the reply");
        yield return End; // some leave it out
    }

    private static byte[] End { get; } = [.. "data: "u8, .. Done, .. "\n\n"u8];

    private static byte[]? ErrorOf(ReadOnlySpan<byte> data)
    {
        try
        {
            return data.IndexOf("\"error\""u8) >= 0 && JsonElement.Parse(data) is { ValueKind: JsonValueKind.Object } json
                && json.TryGetProperty("error", out JsonElement error) && error.ValueKind != JsonValueKind.Null ? data.ToArray() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HttpResponseMessage Answer(HttpContent content, string type)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private static HttpResponseMessage Refusal(OpenAiException e)
    {
        HttpResponseMessage refusal = Answer(
            new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new OpenAiErrorBody(e.Error), OpenAiJson.Wire.OpenAiErrorBody)), Json);
        refusal.StatusCode = (HttpStatusCode)e.Status;
        if (e.RetryAfter is { } wait)
            refusal.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(Math.Ceiling(Math.Max(1, wait.TotalSeconds))));
        return refusal;
    }
}
