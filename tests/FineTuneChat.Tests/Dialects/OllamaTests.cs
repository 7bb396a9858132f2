using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Dialects;

/// <summary>Ollama's API.</summary>
[Collection(DialectTests.Name), Trait(Tier.Name, Tier.Slow)]
public sealed class OllamaTests(DialectGateway gateway)
{
    private static readonly object[] Question = [new { role = "user", content = "Hello" }];

    [Fact]
    public async Task A_chat_comes_in_lines_or_whole_with_the_same_text_and_its_durations()
    {
        object options = new { num_predict = 8, temperature = 0, num_ctx = 4096 };

        (_, JsonNode whole) = await gateway.PostAsync(
            "/api/chat", new { model = "assistant:latest", messages = Question, options, stream = false, keep_alive = "5m" });
        JsonNode[] lines = await LinesAsync("/api/chat", new { model = "assistant", messages = Question, options });

        JsonNode last = lines[^1];
        Assert.Equal((string?)whole["message"]!["content"], string.Concat(lines.Select(line => (string?)line["message"]!["content"])));
        Assert.All(lines[..^1], line => Assert.False((bool)line["done"]!));
        Assert.Equal((true, "length", 8), ((bool)last["done"]!, (string?)last["done_reason"], (int)last["eval_count"]!));
        Assert.Equal("assistant:latest", (string?)whole["model"]);
        Assert.InRange((long)whole["eval_duration"]!, 1000, (long)whole["total_duration"]!);
        await gateway.RateAsync((string?)whole["id"]);
        await gateway.RateAsync((string?)last["id"]);
    }

    [Fact]
    public async Task A_call_of_a_tool_has_an_object_for_arguments_and_its_result_needs_no_id()
    {
        var tool = new { type = "function", function = new { name = "weather", parameters = new { type = "object", properties = new { } } } };
        object[] talk =
        [
            .. Question,
            new { role = "assistant", content = "", tool_calls = new[] { new { function = new { name = "weather", arguments = new { city = "Ulm" } } } } },
            new { role = "tool", tool_name = "weather", content = "sunny" },
        ];

        (int status, JsonNode reply) = await gateway.PostAsync(
            "/api/chat", new { model = "assistant", messages = talk, tools = new[] { tool }, stream = false, options = new { num_predict = 4 } });

        Assert.True(status == 200, reply.ToJsonString());
        JsonNode logged = await gateway.Gateway.GetJsonAsync($"/v1/chat/completions/{(string?)reply["id"]}/messages");
        Assert.Equal((string?)logged["data"]![1]!["tool_calls"]![0]!["id"], (string?)logged["data"]![2]!["tool_call_id"]);
    }

    [Fact]
    public async Task A_format_is_kept_and_a_prompt_is_generated_from_with_and_without_template()
    {
        var schema = new { type = "object", properties = new { city = new { @enum = new[] { "Ulm" } } }, required = new[] { "city" } };

        (_, JsonNode formed) = await gateway.PostAsync("/api/generate", new { model = "assistant", prompt = "City?", format = schema, stream = false });
        (_, JsonNode raw) = await gateway.PostAsync(
            "/api/generate", new { model = "assistant", prompt = "one", raw = true, stream = false, options = new { num_predict = 3 } });
        JsonNode[] lines = await LinesAsync("/api/generate", new { model = "assistant", prompt = "one", raw = true, options = new { num_predict = 3 } });
        (_, JsonNode loaded) = await gateway.PostAsync("/api/generate", new { model = "assistant" });

        Assert.Equal("Ulm", (string?)JsonNode.Parse((string)formed["response"]!)!["city"]);
        Assert.Equal(3, (int)raw["eval_count"]!);
        Assert.Equal(3, (int)lines[^1]["eval_count"]!);
        Assert.Equal((true, "load"), ((bool)loaded["done"]!, (string?)loaded["done_reason"]));
    }

    [Fact]
    public async Task Models_are_listed_shown_and_found_by_their_tag()
    {
        JsonNode tags = await gateway.Gateway.GetJsonAsync("/api/tags"), running = await gateway.Gateway.GetJsonAsync("/api/ps");
        (_, JsonNode shown) = await gateway.PostAsync("/api/show", new { model = "assistant:latest" });
        string architecture = (string)shown["model_info"]!["general.architecture"]!;

        Assert.Contains("assistant:latest", tags["models"]!.AsArray().Select(m => (string?)m!["name"]));
        Assert.Equal("gguf", (string?)tags["models"]![0]!["details"]!["format"]);
        Assert.Equal("assistant:latest", (string?)running["models"]![0]!["model"]);
        Assert.Equal(8192, (int)shown["model_info"]![$"{architecture}.context_length"]!);
        Assert.Contains("tools", shown["capabilities"]!.AsArray().Select(c => (string?)c));
        Assert.Equal("assistant@0", (string?)(await gateway.PostAsync(
            "/v1/chat/completions", new { model = "assistant:latest", messages = Question, max_tokens = 1 })).Body["model"]);
    }

    [Fact]
    public async Task What_a_Modelfile_creates_is_a_preset_that_answers_by_its_name()
    {
        const string Pirate = "FROM assistant\n# how it talks\nSYSTEM \"\"\"You are\na pirate.\"\"\"\n"
            + "PARAMETER temperature 0.5\nPARAMETER stop \"<x>\"\nPARAMETER stop <y>\nPARAMETER num_predict 3\n";

        (int status, string lines) = await gateway.SendAsync(HttpMethod.Post, "/api/create", new { model = "pirate", modelfile = Pirate });
        Assert.True(status == 200 && lines.EndsWith("{\"status\":\"success\"}\n", StringComparison.Ordinal), lines);
        await gateway.PostAsync("/api/copy", new { source = "pirate", destination = "corsair" });
        (_, JsonNode shown) = await gateway.PostAsync("/api/show", new { model = "corsair" });
        (_, JsonNode reply) = await gateway.PostAsync("/api/chat", new { model = "corsair:latest", messages = Question, stream = false });
        (int refused, JsonNode error) = await gateway.PostAsync("/api/create", new { model = "other", modelfile = "FROM assistant\nADAPTER ./a.gguf" });

        Assert.Equal("You are\na pirate.", (string?)shown["system"]);
        Assert.Equal(
            ["num_predict 3", "stop \"<x>\"", "stop \"<y>\"", "temperature 0.5"], ((string)shown["parameters"]!).Split('\n').Order(StringComparer.Ordinal));
        Assert.Equal(3, (int)reply["eval_count"]!);
        JsonNode logged = await gateway.Gateway.GetJsonAsync($"/v1/chat/completions/{(string?)reply["id"]}/messages");
        Assert.Equal("You are\na pirate.", (string?)logged["data"]![0]!["content"]);
        Assert.Equal(400, refused);
        Assert.Contains("ADAPTER", (string?)error["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_become_vectors()
    {
        (_, JsonNode many) = await gateway.PostAsync("/api/embed", new { model = "assistant", input = new[] { "a text", "another" }, truncate = true });
        (_, JsonNode one) = await gateway.PostAsync("/api/embeddings", new { model = "assistant", prompt = "a text" });

        Assert.Equal([64, 64], many["embeddings"]!.AsArray().Select(v => v!.AsArray().Count));
        Assert.Equal(many["embeddings"]![0]!.ToJsonString(), one["embedding"]!.ToJsonString());
    }

    [Theory]
    [InlineData("/api/chat", """{"model":"nobody","messages":[{"role":"user","content":"Hi"}]}""", 404)]
    [InlineData("/api/chat", """{"model":"assistant","messages":[{"role":"user","content":"Hi","images":["aGk="]}]}""", 400)]
    [InlineData("/api/chat", """{"model":"assistant","messages":[null]}""", 400)]
    [InlineData("/api/chat", """{"model":"assistant","messages":[{"role":"user","content":"Hi"}],"options":{"temperature":9}}""", 400)]
    [InlineData("/api/generate", """{"model":"assistant","prompt":"Hi","format":7}""", 400)]
    [InlineData("/api/show", """{"model":"nobody"}""", 404)]
    [InlineData("/api/create", """{"model":"assistant","from":"random"}""", 409)]
    [InlineData("/api/create", """{"model":"x","modelfile":"FROM assistant\nPARAMETER temperature hot"}""", 400)]
    [InlineData("/api/embed", """{"model":"assistant","input":7}""", 400)]
    [InlineData("/api/chat", "nonsense", 400)]
    public async Task Errors_are_a_text(string path, string body, int status)
    {
        (int answered, JsonNode error) = await gateway.PostAsync(path, body);

        Assert.True(status == answered, error.ToJsonString());
        Assert.False(string.IsNullOrWhiteSpace((string?)error["error"]));
    }

    private async Task<JsonNode[]> LinesAsync(string path, object body)
    {
        (int status, string text) = await gateway.SendAsync(HttpMethod.Post, path, body);
        Assert.True(status == 200, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}
