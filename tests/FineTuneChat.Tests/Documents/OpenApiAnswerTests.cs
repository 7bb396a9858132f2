using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Runs;
using FineTuneChat.Tests.Support;
using FineTuneChat.Tests.Versions;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Documents;

/// <summary>What the server really answers, judged by the schemas of its OpenAPI document.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class OpenApiAnswerTests
{
    [Fact]
    public async Task What_the_server_answers_is_as_the_document_says()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        JsonNode document = await gateway.GetJsonAsync("/openapi.json");
        string run = await FinishRunAsync(gateway);
        await gateway.Versions.AddAsync(RetentionTests.Make(1));
        string conversation = "chat-1", reply = await gateway.LogAsync("Hi", "Hello!", conversation);
        await gateway.LogAsync("Hi", "Hey!", conversation);

        var judge = new AnswerJudge(document);
        await judge.SeeAsync(gateway, "post", "/api/feedback", body: new { completion_id = reply, rating = "up", comment = "fine" });
        await judge.SeeAsync(gateway, "post", "/v1/chat/completions",
            body: new { model = "assistant", messages = Question, max_tokens = 4, logprobs = true, top_logprobs = 2 });
        await judge.SeeStreamAsync(gateway, "/v1/chat/completions", new { model = "assistant", messages = Question, max_tokens = 4, stream = true });
        await judge.SeeAsync(gateway, "post", "/v1/completions", body: new { model = "assistant", prompt = "Hi", max_tokens = 2 });
        await judge.SeeAsync(gateway, "post", "/v1/embeddings", body: new { model = "assistant", input = "Hi" });
        await judge.SeeAsync(gateway, "post", "/tokenize", body: new { content = "Hi", with_pieces = true });
        await judge.SeeAsync(gateway, "post", "/detokenize", body: new { tokens = new[] { 1, 2 } });
        await judge.SeeAsync(gateway, "post", "/apply-template", body: new { messages = Question });
        await judge.SeeAsync(gateway, "post", "/v1/responses", body: new { model = "assistant", input = "Hi", max_output_tokens = 2 });
        await judge.SeeAsync(gateway, "post", "/v1/messages", body: new { model = "assistant", messages = Question, max_tokens = 2 });
        await judge.SeeAsync(gateway, "post", "/v1/messages", body: new { model = "none", messages = Question }, status: 404);
        await judge.SeeAsync(gateway, "post", "/v1/messages/count_tokens", body: new { messages = Question });
        await judge.SeeAsync(gateway, "post", "/api/chat", body: new { model = "assistant", messages = Question, options = Short, stream = false });
        await judge.SeeAsync(gateway, "post", "/api/generate", body: new { model = "assistant", prompt = "Hi", options = Short, stream = false });
        await judge.SeeAsync(gateway, "post", "/api/embed", body: new { model = "assistant", input = "Hi" });
        await judge.SeeAsync(gateway, "post", "/api/show", body: new { model = "assistant" });
        await judge.SeeAsync(gateway, "post", "/api/show", body: new { model = "none" }, status: 404);
        await judge.SeeAsync(gateway, "get", "/api/tags");
        await judge.SeeAsync(gateway, "get", "/api/ps");
        await judge.SeeAsync(gateway, "get", "/api/v0/models");
        await judge.SeeAsync(gateway, "get", "/api/v1/models");
        await judge.SeeAsync(gateway, "post", "/completion", body: new { prompt = "Hi", n_predict = 2 });
        await judge.SeeAsync(gateway, "post", "/rerank", body: new { query = "Hi", documents = new[] { "Hi", "Ho" } });
        await judge.SeeAsync(gateway, "get", "/slots");
        await judge.SeeAsync(gateway, "get", "/v1/chat/completions");
        await judge.SeeAsync(gateway, "get", "/v1/chat/completions/{id}", reply);
        await judge.SeeAsync(gateway, "get", "/v1/chat/completions/{id}/messages", reply);
        await judge.SeeAsync(gateway, "get", "/v1/models");
        await judge.SeeAsync(gateway, "get", "/v1/models/{id}", "assistant");
        await judge.SeeAsync(gateway, "get", "/v1/models/{id}", "none", status: 404);
        await judge.SeeAsync(gateway, "get", "/props");
        await judge.SeeAsync(gateway, "get", "/health");
        await judge.SeeAsync(gateway, "get", "/api/conversations");
        await judge.SeeAsync(gateway, "get", "/api/conversations/{id}", conversation);
        await judge.SeeAsync(gateway, "get", "/api/conversations/{id}", "none", status: 404);
        await judge.SeeAsync(gateway, "get", "/api/conversations/{id}/usage", conversation);
        await judge.SeeAsync(gateway, "get", "/api/assistants/{id}/usage", "assistant");
        await judge.SeeAsync(gateway, "get", "/api/conversations/export");
        await judge.SeeAsync(gateway, "get", "/api/preferences");
        await judge.SeeAsync(gateway, "post", "/api/presets", body: new { name = "Short", system = "Be brief.", request = new { temperature = 0.5 } });
        await judge.SeeAsync(gateway, "get", "/api/presets");
        await judge.SeeAsync(gateway, "post", "/api/prompts", body: new { name = "Sum up", text = "Sum up {{text}}." });
        await judge.SeeAsync(gateway, "get", "/api/prompts");
        await judge.SeeAsync(gateway, "post", "/api/dataset/import", body: new { file = "a.jsonl", text = """{"prompt":"2+2","completion":"4"}""" });
        await judge.SeeAsync(gateway, "get", "/api/dataset");
        await judge.SeeAsync(gateway, "get", "/api/dataset/imports");
        await judge.SeeAsync(gateway, "get", "/api/training");
        await judge.SeeAsync(gateway, "get", "/api/training/runs");
        await judge.SeeAsync(gateway, "get", "/api/training/runs/{id}", run);
        await judge.SeeAsync(gateway, "post", "/api/training/start", body: new { options = new { rank = 0 } }, status: 400);
        await judge.SeeAsync(gateway, "post", "/api/training/cancel", status: 409);
        await judge.SeeAsync(gateway, "get", "/api/versions");
        await judge.SeeAsync(gateway, "get", "/api/versions/{number}", "1");
        await judge.SeeAsync(gateway, "post", "/api/keys", body: new { name = "Ana", scopes = new[] { "chat" } });
        await judge.SeeAsync(gateway, "get", "/api/keys");
        await judge.SeeAsync(gateway, "get", "/api/access");
        await judge.SeeAsync(gateway, "get", "/api/log");
        await judge.SeeAsync(gateway, "delete", "/api/conversations/{id}", conversation);
        await judge.SeeAsync(gateway, "get", "/api/erasures");
        await judge.SeeAsync(gateway, "get", "/api/erasures/{id}", await FinishErasureAsync(gateway));
        Assert.Empty(await judge.JudgeAsync());
    }

    /// <summary>An erasure with all that one may have.</summary>
    private static async Task<string> FinishErasureAsync(TestGateway gateway)
    {
        var certificate = new ErasureCertificate
        {
            Id = "erasure_1",
            Status = ErasureStatus.Pending,
            CreatedAt = 1,
            Kind = ErasedKind.Import,
            Examples = [new("ab", "import")],
            HeldBy = [1],
        };
        await gateway.Get<Database>().WriteAsync(c => ErasureStore.Add(c, AssistantNames.Default, certificate, []));
        await gateway.Get<ErasureStore>().SaveAsync(certificate with
        {
            Status = ErasureStatus.Failed,
            Reason = "It still stands in a.db.",
            FinishedAt = 2,
            Run = "run_2",
            Version = 2,
            Deleted = ["versions/1"],
            Replies = new(1, "One more was not asked.", [new()
            {
                Sha256 = "ab", Loss = 3, BaseLoss = 3.1, Written = false, BaseWritten = false, Samples = 20, Drawn = 0, BaseDrawn = 0,
            }]),
            Search = new() { Texts = 2, Files = 9, Bytes = 1000, Found = ["a.db"], Elsewhere = [], Unread = [] },
        });
        return certificate.Id;
    }

    private static object[] Question => [new { role = "user", content = "Hi" }];
    private static object Short => new { num_predict = 2 };

    /// <summary>A run with all that a run may have.</summary>
    private static async Task<string> FinishRunAsync(TestGateway gateway)
    {
        var runs = gateway.Get<RunStore>();
        Run run = await runs.CreateAsync(new RunOptions().Complete(RunOptions.Defaults));
        await runs.SaveAsync(run with
        {
            Status = RunStatus.Refused,
            FinishedAt = run.CreatedAt + 60,
            Examples = 3,
            Version = 1,
            Progress = new() { Step = 2, Steps = 2, Loss = 0.5, TokensPerSecond = 100 },
            Gate = new()
            {
                Accepted = false,
                Reasons = ["It forgot."],
                ReasonCodes = [new("forgot", new Dictionary<string, double> { ["loss"] = 1.5 })],
                Figures = new Dictionary<string, GateFigure> { ["loss"] = new(1.5, 1) },
            },
        }, [new() { Step = 1, Loss = 0.9, ValLoss = null }, new() { Step = 2, Loss = 0.5, ValLoss = 0.6 }]);
        return run.Id;
    }
}
