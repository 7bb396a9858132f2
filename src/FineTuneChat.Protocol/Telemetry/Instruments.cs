using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FineTuneChat.Protocol.Telemetry;

/// <summary>
/// What this program tells OpenTelemetry, by its semantic conventions for generative AI: how long, how many tokens, which model. Never what was said, and
/// never a key. While nobody listens no span is made and no measurement is kept.
/// </summary>
internal static class Instruments
{
    public const string Name = nameof(FineTuneChat); // of the source of spans and of the meter

    private static readonly double[] Boundaries = [0.001, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly Meter Meter = new(Name);

    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Of a chat, as the gateway sees it.</summary>
    public static Histogram<double> ClientDuration { get; } = Seconds("gen_ai.client.operation.duration", "From the request to the reply's end.");

    public static Histogram<long> TokenUsage { get; } = Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens of a prompt, or of a reply.",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576] });

    /// <summary>Of a generation, as the engine sees it.</summary>
    public static Histogram<double> ServerDuration { get; } = Seconds(
        "gen_ai.server.request.duration", "From the request to the reply's end, waiting included.");

    public static Histogram<double> FirstToken { get; } = Seconds(
        "gen_ai.server.time_to_first_token", "From the moment that a place was free to the first token.");

    public static Histogram<double> PerToken { get; } = Seconds("gen_ai.server.time_per_output_token", "From token to token after the first.");

    /// <summary>The server that gets the request goes on with this trace. Said here: .NET's client would name a span of its own, which nobody keeps.</summary>
    public static HttpRequestMessage InTrace(this HttpRequestMessage request)
    {
        if (Activity.Current is { Recorded: true } span)
            request.Headers.TryAddWithoutValidation("traceparent", span.Id);
        return request;
    }

    private static Histogram<double> Seconds(string name, string description) => Meter.CreateHistogram(
        name, "s", description,
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Boundaries });
}
