using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>How many tokens a chat request's prompt has, asked of the engine that would read it.</summary>
internal static class PromptTokens
{
    /// <param name="http">The client.</param>
    /// <param name="lease">The engine.</param>
    /// <param name="assistant">Whose prompt is read, too; null: another local model answers.</param>
    /// <param name="request">As the client has sent it.</param>
    public static async Task<int> CountAsync(HttpContext http, EngineLease lease, AssistantSettings? assistant, ChatCompletionRequest request)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.ChatCompletionRequest);
        JsonObject chat = JsonNode.Parse(assistant?.PutInto(body) ?? body)!.AsObject();
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
