using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using OpenAI;
using OpenAI.Chat;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>Tools through a real engine whose template is of Qwen's kind; the model is random, so calls come where they are enforced.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ToolCallTests : IAsyncLifetime
{
    private const string Template =
        "{% if tools %}<|im_start|>system\n{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}<|im_end|>\n{% endif %}"
        + "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content or '' }}"
        + "{% for call in message.tool_calls or [] %}<tool_call>\n{\"name\": \"{{ call.function.name }}\", \"arguments\": {{ call.function.arguments | "
            + "tojson }}}\n</tool_call>{% endfor %}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"weather","description":"?","parameters":{"type":"object",
            "properties":{"city":{"enum":["Ulm","Bonn"]}},"required":["city"],"additionalProperties":false}}},
          {"type":"function","function":{"name":"time"}}]
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private ProgramProcess _engine = null!;
    private string _url = "";

    public async Task InitializeAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        listener.Stop();
        await File.WriteAllTextAsync(_folder["template.jinja"], Template);
        _engine = ProgramProcess.Start("engine", "--model", RandomModel.Write(_folder["tiny.gguf"], new RandomModelShape(Context: 1024)),
            "--chat-template-file", _folder["template.jinja"], "--urls", _url, "--threads", "1");
        await _engine.LineAsync("serving tiny");
    }

    private Task<HttpResponseMessage> PostAsync(string more, string messages = """[{"role":"user","content":"hello"}]""") =>
        _http.PostAsync(_url + "/v1/chat/completions",
            new StringContent($$"""{"messages":{{messages}},"temperature":0,{{more}}}""", Encoding.UTF8, "application/json"));

    private async Task<JsonElement> AnswerAsync(string more, string messages = """[{"role":"user","content":"hello"}]""")
    {
        using HttpResponseMessage response = await PostAsync(more, messages);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("choices")[0];
    }

    [Fact]
    public async Task A_required_call_is_made_whole_or_streamed()
    {
        const string Required = Tools + ",\"tool_choice\":\"required\",\"parallel_tool_calls\":false";
        JsonElement choice = await AnswerAsync(Required);
        JsonElement call = Assert.Single(choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray());
        string name = call.GetProperty("function").GetProperty("name").GetString()!;
        string arguments = call.GetProperty("function").GetProperty("arguments").GetString()!;

        using HttpResponseMessage stream = await PostAsync(Required + ",\"stream\":true");
        IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(stream);
        JsonNode[] deltas = [.. chunks.Select(c => c["choices"]![0]!["delta"]!["tool_calls"]?[0]).OfType<JsonNode>()];

        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("content").ValueKind);
        Assert.StartsWith("call_", call.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Contains(name, new[] { "weather", "time" });
        Assert.Equal(JsonValueKind.Object, JsonElement.Parse(arguments).ValueKind);

        Assert.All(deltas, delta => Assert.Equal(0, (int)delta["index"]!));
        Assert.Equal(name, (string?)deltas[0]["function"]!["name"]);
        Assert.All(deltas.Skip(1), delta => Assert.Null(delta["id"] ?? delta["function"]!["name"]));
        Assert.Equal(arguments, string.Concat(deltas.Select(d => (string?)d["function"]!["arguments"])));
        Assert.Equal("tool_calls", (string?)chunks[^1]["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task A_named_function_is_called_with_what_its_schema_says()
    {
        JsonElement choice = await AnswerAsync(Tools + """,   "parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"weather"}}""");
        JsonElement function = choice.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function");

        Assert.Equal("weather", function.GetProperty("name").GetString());
        Assert.Contains(JsonElement.Parse(function.GetProperty("arguments").GetString()!).GetProperty("city").GetString(), new[] { "Ulm", "Bonn" });
    }

    [Theory]
    [InlineData("required", "tool_calls")]
    [InlineData("auto", "length")]
    public async Task Allowed_tools_are_those_that_are_called(string mode, string reason)
    {
        JsonElement choice = await AnswerAsync(Tools
            + $$$""","max_tokens":100,"parallel_tool_calls":false,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"{{{mode}}}","tools":"""
            + $$$"""[{"type":"function","function":{"name":"time"}}]}}""");

        Assert.Equal(reason, choice.GetProperty("finish_reason").GetString());
        if (mode == "required")
            Assert.Equal("time", choice.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_reply_without_calls_is_text()
    {
        Assert.Equal(JsonValueKind.String, (await AnswerAsync(Tools + ",\"max_tokens\":20")).GetProperty("message").GetProperty("content").ValueKind);
        Assert.Equal(JsonValueKind.String, (await AnswerAsync(Tools + ",\"max_tokens\":20,\"tool_choice\":\"none\"")).GetProperty("message")
            .GetProperty("content").ValueKind);
        Assert.Equal("length", (await AnswerAsync(Tools + ",\"max_tokens\":5,\"tool_choice\":\"required\"")).GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Calls_and_results_are_part_of_the_history()
    {
        const string Called =
            """{"role":"user","content":"hello"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":"""
            + """{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}}]}""";

        await AnswerAsync(Tools + ",\"max_tokens\":5", $$"""[{{Called}},{"role":"tool","tool_call_id":"c1","content":"sunny"}]""");
        using HttpResponseMessage refused = await PostAsync(Tools, $$"""[{{Called}},{"role":"tool","content":"sunny"}]""");

        Assert.Contains("messages[2].tool_call_id", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "tool_choice":"required" """, "tool_choice")]
    [InlineData(""" "tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"type":"function","function":{"name":"b"}}""", "tool_choice")]
    [InlineData(""" "tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":"maybe" """, "tool_choice")]
    [InlineData(
        """ "tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}}""",
        "tool_choice")]
    [InlineData(""" "tools":{}""", "tools")]
    [InlineData(""" "tools":[{"type":"function"}]""", "tools[0]")]
    [InlineData(""" "tools":[{"type":"retrieval","function":{"name":"a"}}]""", "tools[0].type")]
    [InlineData(""" "tools":[{"type":"function","function":{"name":"a b"}}]""", "tools[0].function.name")]
    [InlineData(""" "tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"a"}}]""", "tools[1].function.name")]
    [InlineData(
        """ "tools":[{"type":"function","function":{"name":"a","strict":true,"parameters":{"properties":{"x":{"not":{}}}}}}],"tool_choice":"required" """,
        "tools[0].function.parameters")]
    public async Task What_is_wrong_is_named(string more, string parameter)
    {
        using HttpResponseMessage response = await PostAsync(more);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(parameter, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task OpenAIs_client_reads_calls_and_schemas()
    {
        var client = new ChatClient("tiny", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(_url + "/v1") });
        ChatTool weather = ChatTool.CreateFunctionTool("weather", "?",
            BinaryData.FromString("""{"type":"object","properties":{"city":{"enum":["Ulm","Bonn"]}},"required":["city"]}"""));
        var calling = new ChatCompletionOptions
        {
            Temperature = 0,
            ToolChoice = ChatToolChoice.CreateRequiredChoice(),
            AllowParallelToolCalls = false,
            Tools = { weather }
        };
        var structured = new ChatCompletionOptions
        {
            Temperature = 0,
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("city",
                BinaryData.FromString("""{"type":"object","properties":{"city":{"enum":["Ulm","Bonn"]}},"required":["city"],"additionalProperties":false}"""),
                jsonSchemaIsStrict: true),
        };

        ChatCompletion called = await client.CompleteChatAsync([new UserChatMessage("hello")], calling);
        var streamed = new StringBuilder();
        await foreach (StreamingChatCompletionUpdate update in client.CompleteChatStreamingAsync([new UserChatMessage("hello")], calling))
            streamed.Append(string.Concat(update.ToolCallUpdates.Select(u => u.FunctionArgumentsUpdate.ToString())));
        ChatCompletion answered = await client.CompleteChatAsync(
            [new UserChatMessage("hello"), new AssistantChatMessage(called), new ToolChatMessage(called.ToolCalls[0].Id, "sunny")], structured);

        Assert.Equal((ChatFinishReason.ToolCalls, "weather"), (called.FinishReason, Assert.Single(called.ToolCalls).FunctionName));
        Assert.Equal(called.ToolCalls[0].FunctionArguments.ToString(), streamed.ToString());
        Assert.Contains(JsonElement.Parse(answered.Content[0].Text).GetProperty("city").GetString(), new[] { "Ulm", "Bonn" });
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _engine.DisposeAsync();
        _folder.Dispose();
    }
}
