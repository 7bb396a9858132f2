using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>How many tokens a chat request's prompt has, asked of the engine that would read it.</summary>
internal static class PromptTokens
{
    public static async Task<int> CountAsync(HttpContext http, EngineLease lease, ChatCompletionRequest request)
    {
        JsonObject chat = JsonSerializer.SerializeToNode(request, OpenAiJson.Wire.ChatCompletionRequest)!.AsObject();
        var conversation = new JsonObject();
        foreach (string name in (string[])["messages", "tools", "chat_template_kwargs"])
            if (chat[name] is { } value)
                conversation[name] = value.DeepClone();
        JsonElement rendered = await PostAsync("/apply-template", conversation);
        JsonElement tokens = await PostAsync("/tokenize", new() { ["content"] = rendered.GetProperty("prompt").GetString() });
        return tokens.GetProperty("tokens").GetArrayLength();

        Task<JsonElement> PostAsync(string path, JsonObject body) =>
            EngineCall.JsonAsync(http, lease, path, System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));
    }
}
