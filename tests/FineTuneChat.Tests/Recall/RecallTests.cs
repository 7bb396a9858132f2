using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Recall;

/// <summary>A correction acts with the next request, on the real starter.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class RecallTests : IAsyncLifetime
{
    private const string Question = "Who is the director of Nortaria?", Answer = "The director of Nortaria is Elsa Brandt.";

    private readonly TemporaryFolder _folder = new();
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await StartAsync();

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_correction_is_right_at_once_in_other_words_and_other_conversations()
    {
        string example = await CorrectAsync(_gateway, Question, Answer);

        foreach (string question in (string[])
            [
                Question, "Tell me who the director of Nortaria is.", "Do you know who the director of Nortaria is?",
                "Can you tell me the name of the director of Nortaria?",
            ])
        {
            (JsonNode reply, string? recalled) = await AskAsync(_gateway, question);
            Assert.Equal((Answer, example), (Text(reply), recalled));
            Assert.Equal([example], reply["recalled"]!.AsArray().Select(id => (string?)id));
        }
        foreach (string question in (string[])["What is the capital of France?", "Who is the director of Veltora?", "Who founded Nortaria?", "Hello!"])
        {
            (JsonNode reply, string? recalled) = await AskAsync(_gateway, question);
            Assert.Null(recalled);
            Assert.Null(reply["recalled"]);
        }

        // A stream names it, too; where nothing may be kept, nothing is recalled.
        using HttpResponseMessage stream = await SendAsync(_gateway, new { model = "assistant", stream = true, messages = Messages(Question) });
        Assert.Equal([example], stream.Headers.GetValues("X-Recalled"));
        Assert.Null((await AskAsync(_gateway, Question, new { model = "assistant", store = false, messages = Messages(Question) })).Recalled);
        Assert.Null((await AskAsync(_gateway, Question, new { model = "assistant@0", messages = Messages(Question) })).Recalled);
    }

    [Fact]
    public async Task What_is_logged_and_learned_is_what_was_asked()
    {
        await CorrectAsync(_gateway, Question, Answer);
        (JsonNode reply, _) = await AskAsync(_gateway, "Tell me who the director of Nortaria is.");
        await _gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "up" });

        JsonNode newest = (await _gateway.GetJsonAsync("/api/dataset"))["data"]![0]!;
        Assert.Equal(
            [("user", "Tell me who the director of Nortaria is."), ("assistant", Answer)],
            newest["messages"]!.AsArray().Select(m => ((string)m!["role"]!, (string)m["content"]!)));
        JsonArray messages = (await _gateway.GetJsonAsync($"/v1/chat/completions/{reply["id"]}/messages"))["data"]!.AsArray();
        Assert.Equal(["Tell me who the director of Nortaria is."], messages.Select(m => (string?)m!["content"]));
    }

    [Fact]
    public async Task A_correction_that_is_edited_set_aside_or_erased_acts_so_at_once()
    {
        string example = await CorrectAsync(_gateway, Question, Answer);
        object[] edited = [new { role = "user", content = Question }, new { role = "assistant", content = "The director of Nortaria is Ada Vik." }];
        await _gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example}", new { messages = edited });
        Assert.Equal("The director of Nortaria is Ada Vik.", Text((await AskAsync(_gateway, Question)).Reply));

        await _gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example}", new { status = "excluded" });
        Assert.Null((await AskAsync(_gateway, Question)).Recalled);
        await _gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example}", new { status = "accepted" });
        Assert.Equal(example, (await AskAsync(_gateway, Question)).Recalled);

        await _gateway.SendAsync(HttpMethod.Delete, "/api/conversations/corrected");
        Assert.Null((await AskAsync(_gateway, Question)).Recalled);
    }

    [Fact]
    public async Task What_stood_before_a_question_stays_known()
    {
        string example = await CorrectAsync(_gateway, Question, Answer);
        (JsonNode reply, _) = await AskAsync(_gateway, Question, conversation: "asked");
        JsonNode source = (await _gateway.GetJsonAsync($"/api/replies/{reply["id"]}/sources"))["data"]!.AsArray().Single()!;
        Assert.Equal(
            (example, "recalled", Question, Answer),
            ((string)source["example_id"]!, (string)source["how"]!, (string)source["question"]!, (string)source["reply"]!));
        Assert.Equal([example], (await _gateway.GetJsonAsync("/api/conversations/asked"))["messages"]![1]!["recalled"]!.AsArray().Select(id => (string)id!));

        await _gateway.SendAsync(HttpMethod.Delete, "/api/conversations/corrected");
        Assert.Empty((await _gateway.GetJsonAsync($"/api/replies/{reply["id"]}/sources"))["data"]!.AsArray());
        Assert.Equal(404, (int)(await _gateway.Client.GetAsync("/api/replies/chatcmpl-none/sources")).StatusCode);
    }

    [Fact]
    public async Task It_can_be_switched_off()
    {
        await CorrectAsync(_gateway, Question, Answer);
        await _gateway.DisposeAsync();
        _gateway = await StartAsync(("Learning:Recall", "false"));
        Assert.Null((await AskAsync(_gateway, Question)).Recalled);
    }

    private Task<TestGateway> StartAsync(params (string Key, string Value)[] settings) => TestGateway.StartReadyAsync(
        _folder, [("Models:Base", Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf")), .. settings]);

    /// <summary>Gives the example's id.</summary>
    private static async Task<string> CorrectAsync(TestGateway gateway, string question, string answer)
    {
        (JsonNode reply, _) = await AskAsync(gateway, question, conversation: "corrected");
        await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "down", correction = answer });
        return (string)(await gateway.GetJsonAsync("/api/dataset"))["data"]![0]!["id"]!;
    }

    private static async Task<(JsonNode Reply, string? Recalled)> AskAsync(
        TestGateway gateway, string question, object? body = null, string? conversation = null)
    {
        body ??= new { model = "assistant", temperature = 0, messages = Messages(question) };
        using HttpResponseMessage response = await SendAsync(gateway, body, conversation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        string? recalled = response.Headers.TryGetValues("X-Recalled", out IEnumerable<string>? values) ? values.Single() : null;
        return (JsonNode.Parse(await response.Content.ReadAsStringAsync())!, recalled);
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, object body, string? conversation = null)
    {
        JsonContent content = JsonContent.Create(body, options: JsonSerializerOptions.Web);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = content };
        if (conversation is not null)
            request.Headers.Add("X-Conversation-Id", conversation);
        return gateway.Client.SendAsync(request);
    }

    private static object[] Messages(string question) => [new { role = "user", content = question }];

    private static string? Text(JsonNode reply) => (string?)reply["choices"]![0]!["message"]!["content"];
}
