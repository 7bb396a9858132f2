using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.LlamaServer;

/// <summary>The prompt of <c>/infill</c>: the two texts around the gap, between the tokens that the model was trained to fill gaps with.</summary>
internal static class Infill
{
    /// <exception cref="OpenAiException">501: the model was not trained for it.</exception>
    public static async Task<JsonElement> PromptAsync(HttpContext http, EngineLease lease, LlamaInfillRequest request)
    {
        ModelFacts? facts = ModelFacts.Of(lease.Specification.ModelPath);
        long prefix = Token(facts, "fim_pre", "prefix"), suffix = Token(facts, "fim_suf", "suffix"), middle = Token(facts, "fim_mid", "middle");
        string extra = string.Concat((request.InputExtra ?? []).Select(file => $"{file?.Text}\n"));
        var ids = new JsonArray();
        ids.Add(prefix);
        await AddAsync(extra + request.InputPrefix);
        ids.Add(suffix);
        await AddAsync(request.InputSuffix);
        ids.Add(middle);
        await AddAsync(request.Prompt is { ValueKind: JsonValueKind.String } begun ? begun.GetString() : null);
        return ChatSwitches.Element(ids);

        async Task AddAsync(string? text)
        {
            if (string.IsNullOrEmpty(text))
                return;
            var body = new JsonObject { ["content"] = text, ["parse_special"] = false };
            JsonElement tokens = await EngineCall.JsonAsync(http, lease, "/tokenize", System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));
            foreach (JsonElement id in tokens.GetProperty("tokens").EnumerateArray())
                ids.Add(id.GetInt32());
        }
    }

    private static long Token(ModelFacts? facts, string name, string olderName)
    {
        foreach (string key in (string[])[$"tokenizer.ggml.{name}_token_id", $"tokenizer.ggml.{olderName}_token_id"])
            if (facts?.Entries.GetValueOrDefault(key) is { } id)
                return Convert.ToInt64(id, CultureInfo.InvariantCulture);
        throw new OpenAiException(StatusCodes.Status501NotImplemented, new()
        {
            Message = "This model was not trained to fill gaps: its file names no tokens for prefix, suffix and middle. Choose another with 'model'.",
            Type = "not_supported_error",
            Code = "infill_not_supported",
        });
    }
}
