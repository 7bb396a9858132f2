using System.Globalization;
using System.Text;
using FineTuneChat.Inference;

namespace FineTuneChat.Engine.Status;

/// <summary><c>GET /metrics</c>: Prometheus text. Names that begin with <c>llamacpp:</c> are llama-server's, with its meaning.</summary>
internal sealed class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    public static string Of(ServedModel model)
    {
        EngineStatistics figures = model.Engine.Statistics;
        MetricsText text = new();
        text.Counter("llamacpp:prompt_tokens_total", "Prompt tokens computed.", figures.PromptTokens);
        text.Counter("llamacpp:prompt_seconds_total", "Time of prompts.", figures.PromptTime.TotalSeconds);
        text.Counter("llamacpp:tokens_predicted_total", "Tokens written.", figures.GeneratedTokens);
        text.Counter("llamacpp:tokens_predicted_seconds_total", "Time of writing.", figures.GenerationTime.TotalSeconds);
        text.Counter("llamacpp:n_decode_total", "Batches computed.", figures.Batches);
        text.Gauge("llamacpp:n_tokens_max", "Longest sequence so far, in tokens.", figures.LongestSequence);
        text.Gauge("llamacpp:n_busy_slots_per_decode", "Sequences per batch on average.", Ratio(figures.BatchSequences, figures.Batches));
        text.Gauge("llamacpp:prompt_tokens_seconds", "Prompt tokens per second on average.", Ratio(figures.PromptTokens, figures.PromptTime.TotalSeconds));
        text.Gauge("llamacpp:predicted_tokens_seconds", "Tokens written per second on average.",
            Ratio(figures.GeneratedTokens, figures.GenerationTime.TotalSeconds));
        text.Gauge("llamacpp:requests_processing", "Replies that are being written.", figures.Running);
        text.Gauge("llamacpp:requests_deferred", "Replies that wait: the queue's length.", figures.Waiting);
        text.Gauge("llamacpp:kv_cache_usage_ratio", "Share of the cache that is in use, kept sequences included.",
            Ratio(figures.UsedTokens, figures.CacheTokens));
        text.Gauge("llamacpp:kv_cache_tokens", "Tokens in the cache.", figures.UsedTokens);
        text.Counter("finetunechat:cached_prompt_tokens_total", "Prompt tokens that were found in the cache.", figures.CachedTokens);
        text.Counter("finetunechat:draft_tokens_total", "Tokens that were guessed and computed ahead.", figures.DraftedTokens);
        text.Counter("finetunechat:draft_tokens_accepted_total", "Those of them that were right.", figures.AcceptedTokens);
        text.Gauge("finetunechat:adapters_loaded", "Adapters in memory.", model.Adapters.LoadedCount);
        text.Counter("finetunechat:adapter_changes_total", "Batches with another adapter than the one before.", figures.AdapterChanges);
        text.Counter("finetunechat:loop_allocated_bytes_total", "Managed memory that the engine's loop has asked for.", figures.AllocatedBytes);
        text.LoopTimes(figures.Times);
        text.FirstTokens(figures);
        return text._text.ToString();
    }

    private void Counter(string name, string help, double value) => Single(name, "counter", help, value);

    private void Gauge(string name, string help, double value) => Single(name, "gauge", help, value);

    private void Single(string name, string type, string help, double value)
    {
        Head(name, type, help);
        Line(name, value);
    }

    private void LoopTimes(LoopTimes times)
    {
        const string Name = "finetunechat:loop_seconds_total";
        Head(Name, "counter", "What the time of the engine's loop was spent on.");
        foreach (LoopPhase phase in Enum.GetValues<LoopPhase>())
            Line($"{Name}{{phase=\"{phase.ToString().ToLowerInvariant()}\"}}", times[phase].TotalSeconds);
    }

    private void FirstTokens(EngineStatistics figures)
    {
        const string Name = "finetunechat:time_to_first_token_seconds";
        Head(Name, "histogram", "Time from a request's arrival to its first token, waiting included.");
        foreach ((double seconds, long requests) in figures.FirstTokenHistogram)
            Line(string.Create(CultureInfo.InvariantCulture, $"{Name}_bucket{{le=\"{seconds}\"}}"), requests);
        Line($"{Name}_bucket{{le=\"+Inf\"}}", figures.FirstTokens);
        Line($"{Name}_sum", figures.FirstTokenTime.TotalSeconds);
        Line($"{Name}_count", figures.FirstTokens);
    }

    private void Head(string name, string type, string help) => _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private void Line(string name, double value) => _text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
