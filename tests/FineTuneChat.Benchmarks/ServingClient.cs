using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>A client that streams greedy replies and notes when each piece of them comes.</summary>
/// <param name="server">Who answers.</param>
/// <param name="word">The token that replies are made of, so that each is a piece of text by itself; null = as the model likes.</param>
internal sealed class ServingClient(ServerProcess server, int? word)
{
    private readonly Dictionary<string, int> _bias = word is null ? [] : new() { [word.Value.ToString(CultureInfo.InvariantCulture)] = 100 };
    private const string Data = "data: ", Content = "\"delta\":{\"content\":\"";
    private int _asked;

    /// <summary>A question that begins as no other did.</summary>
    /// <param name="characters">Its length.</param>
    public string Question(int characters) => $"{Interlocked.Increment(ref _asked):D6} ".PadRight(characters, 'x');

    /// <summary>Streams replies to so many questions at a time.</summary>
    public Task<StreamedReply[]> AskAsync(int streams, int characters, int tokens, double temperature = 0) =>
        Task.WhenAll(Enumerable.Range(0, streams).Select(_ => AskAsync(Question(characters), tokens, temperature)));

    /// <summary>Streams the reply to a question.</summary>
    public async Task<StreamedReply> AskAsync(string question, int tokens, double temperature = 0)
    {
        long sent = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model = "assistant",
                stream = true,
                temperature,
                max_tokens = tokens,
                ignore_eos = true,
                logit_bias = _bias,
                stream_options = new { include_usage = true },
                messages = new[] { new { role = "user", content = question } },
            }),
        };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync());

        var times = new List<long>(tokens);
        JsonElement usage = default;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains("\"completion_tokens\"", StringComparison.Ordinal))
                usage = JsonElement.Parse(line[Data.Length..]).GetProperty("usage");
            else if (line.Contains(Content, StringComparison.Ordinal))
                times.Add(Stopwatch.GetTimestamp());
        }

        if (word is not null && times.Count != tokens)
            throw new InvalidOperationException($"{times.Count} pieces of text for {tokens} tokens.");
        return new(
            sent,
            times,
            usage.GetProperty("prompt_tokens").GetInt32(),
            usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(),
            usage.GetProperty("completion_tokens").GetInt32());
    }

    /// <summary>The server's own figures, by name.</summary>
    public async Task<Dictionary<string, double>> MetricsAsync() =>
        (await server.Client.GetStringAsync("/metrics")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
            .Select(line => line.Split(' ')).ToDictionary(line => line[0], line => double.Parse(line[1], CultureInfo.InvariantCulture));
}

/// <summary>A reply, and when it came, in readings of <see cref="Stopwatch"/>.</summary>
/// <param name="Sent">The request.</param>
/// <param name="Pieces">Its pieces of text.</param>
/// <param name="PromptTokens">By the server's count.</param>
/// <param name="CachedTokens">Those of the prompt that were reused.</param>
/// <param name="Tokens">Those of the reply.</param>
internal sealed record StreamedReply(long Sent, List<long> Pieces, int PromptTokens, int CachedTokens, int Tokens)
{
    public double SecondsToFirst => Stopwatch.GetElapsedTime(Sent, Pieces[0]).TotalSeconds;

    /// <summary>Tokens per second while all of some replies were being written: from the last one's first token to the first one's last.</summary>
    public static double DecodeRate(StreamedReply[] replies)
    {
        long from = replies.Max(r => r.Pieces[0]), to = replies.Min(r => r.Pieces[^1]);
        int tokens = replies.Sum(r => r.Pieces.Count(p => p > from && p <= to));
        return tokens / Stopwatch.GetElapsedTime(from, to).TotalSeconds;
    }
}
