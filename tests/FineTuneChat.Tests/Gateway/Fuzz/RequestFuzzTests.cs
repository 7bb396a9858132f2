using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.Tests.Gateway.Fuzz;

/// <summary>Whatever is sent, the answer is a reply or an OpenAI error, and the processes live. <c>FTC_SCALE=250</c> sends 100,000.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class RequestFuzzTests(ITestOutputHelper output)
{
    private const int Requests = 400, AtATime = 8;
    // what asks for all it can get is soon done
    private static readonly RandomModelShape Short = new(Layers: 1, Width: 32, Heads: 2, KvHeads: 1, FeedForward: 32, Context: 256);

    private readonly ConcurrentDictionary<string, int> _answers = [];
    private readonly ConcurrentQueue<string> _wrong = [];

    [Fact]
    public async Task Every_answer_is_a_reply_or_an_error_of_OpenAIs_kind()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["random.gguf"], Short);
        using GatewayProcess gateway = await (await GatewayProcess.StartAsync(folder)).ReadyAsync();
        int[] engines = [.. ChildProcesses.Of(gateway.Id)];
        int first = int.TryParse(Environment.GetEnvironmentVariable("FTC_SEED"), out int seed) ? seed : 0,
            next = first, end = first + (Requests * Scale.Factor);
        var clock = Stopwatch.StartNew();

        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => Task.Run(async () =>
        {
            using var connection = new RawConnection(gateway.Client.BaseAddress!);
            while (Interlocked.Increment(ref next) - 1 is int i && i < end)
                await SendAsync(connection, i);
        })));

        string answers = string.Join(", ", _answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Value} × {a.Key}"));
        output.WriteLine($"{end - first} requests in {clock.Elapsed.TotalSeconds:0} s ({(end - first) / clock.Elapsed.TotalSeconds:0}/s): {answers}");
        Assert.True(_wrong.IsEmpty, $"{_wrong.Count} wrong answers:\n{string.Join("\n\n", _wrong.DistinctBy(w => w[..Math.Min(w.Length, 60)]).Take(20))}");
        Assert.Equal(engines, ChildProcesses.Of(gateway.Id)); // none has been started again
        (int status, JsonNode reply) = await gateway.PostAsync(
            "/v1/chat/completions", new { messages = new[] { new { role = "user", content = "Hi" } }, max_tokens = 2 });
        Assert.True(status == 200, reply.ToJsonString());
        Assert.InRange(_answers.Keys.Count(a => a.StartsWith('2')), 1, int.MaxValue); // not everything is refused
    }

    private async Task SendAsync(RawConnection connection, int seed)
    {
        MutatedRequest request = RequestMutator.Next(seed);
        string? wrong;
        RawAnswer? answer = null;
        try
        {
            answer = await connection.SendAsync(request.Bytes, request.EndsThere);
            wrong = answer is null ? (request.IsHttp ? "closed without an answer" : null) : Judge(answer, request.IsHttp);
        }
        catch (TimeoutException e)
        {
            wrong = e.Message;
        }
        _answers.AddOrUpdate(answer?.Status.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "closed", 1, (_, count) => count + 1);
        if (wrong is not null)
            _wrong.Enqueue($"{wrong}\nseed {seed}: {Shortened(Encoding.UTF8.GetString(request.Bytes))}\n→ {answer?.Status} {Shortened(answer?.Text ?? "")}");
    }

    /// <summary>What is wrong with an answer; null when nothing is.</summary>
    private static string? Judge(RawAnswer answer, bool isHttp)
    {
        if (answer.Status >= 500 && answer.Status != 501) // 501: what the model was not trained for
            return $"status {answer.Status}";
        if (answer.Body is null)
            return null;
        if (answer.Status < 400)
            return Events(answer) is { } events
                ? events.Select(e => e == "[DONE]" ? null : Unreadable(e)).FirstOrDefault(e => e is not null)
                    ?? (events[^1] == "[DONE]" ? null : $"the stream ends with {events[^1]}")
                : IsJson(answer) ? Unreadable(answer.Text) : null;
        if (answer.Body.Length == 0)
            return isHttp ? $"status {answer.Status} without a body" : null;
        return IsJson(answer) && Unreadable(answer.Text) is null && IsError(JsonNode.Parse(answer.Text)!) ? null : $"status {answer.Status} is no OpenAI error";
    }

    /// <summary>OpenAI's, or that of the route's dialect.</summary>
    private static bool IsError(JsonNode body) => body["error"] switch
    {
        JsonObject error => (string?)error["message"] is { Length: > 0 } && (string?)error["type"] is { Length: > 0 }
            && ((string?)body["type"] == "error" || (error.ContainsKey("param") && error.ContainsKey("code"))),
        JsonValue text => (string?)text is { Length: > 0 },
        _ => false,
    };

    private static bool IsJson(RawAnswer answer) => answer.ContentType.StartsWith("application/json", StringComparison.Ordinal);

    private static string[]? Events(RawAnswer answer) => answer.ContentType.StartsWith("text/event-stream", StringComparison.Ordinal)
        ? [.. answer.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e["data: ".Length..])]
        : null;

    private static string? Unreadable(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
            return null;
        }
        catch (JsonException e)
        {
            return $"no JSON: {e.Message}";
        }
    }

    private static string Shortened(string text) => text.Length > 1200 ? $"{text[..900]} … {text[^200..]}" : text;
}
