using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.TestSupport;

/// <summary>A server elsewhere that speaks OpenAI's API: the test says what it replies.</summary>
public sealed class StubTeacher : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubTeacher(WebApplication app) => _app = app;

    /// <summary>What it replies to what the user says; null: it refuses.</summary>
    public Func<string, Task<string?>> Reply { get; set; } = _ => Task.FromResult<string?>(null);

    /// <summary>What names it as the teacher.</summary>
    public (string Key, string Value)[] Settings => [("Learning:Teacher:Url", $"{_app.Urls.First()}/v1"), ("Learning:Teacher:Model", "stub")];

    /// <summary>Questions and answers, as a teacher is asked for.</summary>
    public static Task<string?> Rows(params (string Question, string Answer)[] rows) => Task.FromResult<string?>(
        JsonSerializer.Serialize(new { rows = rows.Select(row => new { question = row.Question, answer = row.Answer }) }));

    /// <summary>Starts on a free port.</summary>
    public static async Task<StubTeacher> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        var teacher = new StubTeacher(app);
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/v1/chat/completions", async (HttpContext http) =>
        {
            JsonNode request = (await JsonNode.ParseAsync(http.Request.Body))!;
            string? text = await teacher.Reply((string)request["messages"]!.AsArray()[^1]!["content"]!);
            await http.Response.WriteAsJsonAsync(text is null ? Refusal(http) : Completion(text));
        });
        await app.StartAsync();
        return teacher;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static JsonObject Refusal(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return new() { ["error"] = new JsonObject { ["message"] = "No such key." } };
    }

    private static JsonObject Completion(string text) => new()
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1,
        ["model"] = "stub",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["finish_reason"] = "stop",
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
        }),
    };
}
