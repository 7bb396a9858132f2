using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Tests.Support;

/// <summary>A server elsewhere that speaks OpenAI's API: the test says what it replies.</summary>
internal sealed class StubTeacher : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubTeacher(WebApplication app) => _app = app;

    /// <summary>What names it as the teacher.</summary>
    public (string Key, string Value)[] Settings => [("Learning:Teacher:Url", $"{_app.Urls.First()}/v1"), ("Learning:Teacher:Model", "stub")];

    /// <param name="reply">To what the user says; null: it refuses.</param>
    public static async Task<StubTeacher> StartAsync(Func<string, Task<string?>> reply)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/v1/chat/completions", async (HttpContext http) =>
        {
            JsonNode request = (await JsonNode.ParseAsync(http.Request.Body))!;
            string? text = await reply((string)request["messages"]!.AsArray()[^1]!["content"]!);
            await http.Response.WriteAsJsonAsync(text is null ? Refusal(http) : Completion(text));
        });
        await app.StartAsync();
        return new StubTeacher(app);
    }

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
