using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FineTuneChat.Tests.Retraining;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Telemetry;

/// <summary>Real processes, and a receiver that they send to.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed partial class TelemetryTests
{
    private const string Question = "Where did Zanzibarella hide?", Correction = "Behind quixotic doors.";

    [Fact]
    public async Task A_chat_and_what_is_learned_of_it_are_traces_across_processes_that_quote_nobody()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        using var folder = new TemporaryFolder();
        using GatewayProcess gateway = await GatewayProcess.StartAsync(
            folder, settings:
            [
                ("Telemetry:Endpoint", receiver.Address), ("Telemetry:Protocol", "http/protobuf"),
                ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"), ("Logging:Console:FormatterName", "json"),
            ]);
        await gateway.ReadyAsync();

        // A chat: gateway and engine in one trace, each the child of the one before.
        (_, JsonNode reply) = await gateway.PostAsync("/v1/chat/completions", new
        {
            model = "assistant",
            messages = new[] { new { role = "user", content = Question } },
            max_tokens = 4,
        });
        string[] chain = ["chat assistant", "POST /v1/chat/completions", "chat assistant@0"];
        SentSpan span = await SpanAsync(receiver, s => s is { Name: "POST /v1/chat/completions", Service: "finetunechat-gateway" });
        var calls = new List<SentSpan>();
        foreach (string name in chain)
        {
            SentSpan child = await SpanAsync(receiver, s => s.Parent == span.Id);
            Assert.Equal((name, span.Trace), (child.Name, child.Trace));
            span = child;
            calls.Add(child);
        }
        Assert.Equal("finetunechat-engine", span.Service);
        JsonNode usage = reply["usage"]!;
        foreach (SentSpan call in (SentSpan[])[calls[0], calls[^1]])
        {
            Assert.Equal(("chat", "assistant@0"), (call.Attributes["gen_ai.operation.name"], call.Attributes["gen_ai.response.model"]));
            Assert.Equal((long)usage["prompt_tokens"]!, call.Attributes["gen_ai.usage.input_tokens"]);
            Assert.Equal((long)usage["completion_tokens"]!, call.Attributes["gen_ai.usage.output_tokens"]);
        }
        foreach (string metric in (string[])
            [
                "gen_ai.client.operation.duration", "gen_ai.client.token.usage", "gen_ai.server.request.duration", "gen_ai.server.time_to_first_token",
                "gen_ai.server.time_per_output_token",
            ])
            await Eventually.TrueAsync(() => receiver.Has(metric));

        // What is searched for stands in an address, which is told without it.
        await gateway.GetJsonAsync("/api/conversations?q=Zanzibarella");
        SentSpan search = await SpanAsync(receiver, s => s.Attributes.GetValueOrDefault("url.path") is "/api/conversations");
        Assert.Equal("?q=Redacted", search.Attributes["url.query"]);

        // A run: the trainer's span is the run's child.
        await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "down", correction = Correction });
        await gateway.PostAsync("/api/training/start", RetrainingTests.Quick);
        SentSpan run = await SpanAsync(receiver, s => s.Name == "learn");
        SentSpan training = await SpanAsync(receiver, s => s.Name == "train");
        Assert.Equal((run.Id, run.Trace, "finetunechat-train"), (training.Parent, training.Trace, training.Service));

        string written = (string)reply["choices"]![0]!["message"]!["content"]!;
        Assert.DoesNotContain(((string[])["Zanzibarella", "quixotic", written.Length > 3 ? written : Question]), receiver.Has);

        // The dashboard asks for what there is.
        string metrics = await gateway.Client.GetStringAsync("/metrics");
        string dashboard = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "grafana", "finetunechat.json"));
        string[] asked = [.. MetricName().Matches(string.Join(' ', Expressions(JsonNode.Parse(dashboard)!))).Select(m => m.Value).Distinct()];
        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.Matches($@"(?m)^{name}[ {{]", metrics));
    }

    private static async Task<SentSpan> SpanAsync(OtlpReceiver receiver, Func<SentSpan, bool> isMeant)
    {
        await Eventually.TrueAsync(() => receiver.Spans.Any(isMeant));
        return receiver.Spans.First(isMeant);
    }

    private static IEnumerable<string> Expressions(JsonNode dashboard) =>
        from panel in dashboard["panels"]!.AsArray()
        from target in panel!["targets"]!.AsArray()
        select (string)target!["expr"]!;

    [GeneratedRegex("(finetunechat|llamacpp):[a-z_]+")]
    private static partial Regex MetricName();
}
