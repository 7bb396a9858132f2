using System.Text.Json;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>
/// What OpenAI's older API and other servers call things that are here under another name: a request is put into our words before anything else
/// looks at it. A parameter that is also given under our name counts under that.
/// </summary>
internal static class RequestAliases
{
    private const string NoThinking = "none";
    private static readonly string[] Efforts = [NoThinking, "minimal", "low", "medium", "high", "xhigh", "max", "default"];

    /// <summary>The same request, in the words of this server.</summary>
    /// <exception cref="OpenAiException">400: a value is of the wrong type.</exception>
    public static ChatCompletionRequest Apply(ChatCompletionRequest request)
    {
        var extras = new ExtraParameters(request.Unknown);
        request = OfSampling(request, extras) with
        {
            ResponseFormat = IsGiven(request.ResponseFormat) ? request.ResponseFormat : ResponseFormat(extras),
            ChatTemplateKwargs = TemplateVariables(request, extras),
            Messages = Messages(request.Messages, extras.Take("continue_final_message") is { ValueKind: JsonValueKind.True }),
        };
        return OfFunctions(request);
    }

    /// <summary>The same for a text that goes on.</summary>
    /// <exception cref="OpenAiException">400: a value is of the wrong type.</exception>
    public static TextCompletionRequest Apply(TextCompletionRequest request) => OfSampling(request, new ExtraParameters(request.Unknown));

    private static T OfSampling<T>(T request, ExtraParameters extras) where T : SamplingRequest
    {
        SamplingRequest own = request;
        SamplingRequest? options = extras.Options();
        int? limit = Limit(own.MaxTokens) ?? Limit(extras.Integer("n_predict") ?? extras.Integer("num_predict") ?? options?.MaxTokens);
        return (T)(own with
        {
            MaxTokens = limit,
            Temperature = own.Temperature ?? options?.Temperature,
            TopP = own.TopP ?? options?.TopP,
            TopK = (own.TopK ?? options?.TopK) is -1 ? 0 : own.TopK ?? options?.TopK, // vLLM's "all"
            MinP = own.MinP ?? options?.MinP,
            TypicalP = own.TypicalP ?? options?.TypicalP,
            PresencePenalty = own.PresencePenalty ?? options?.PresencePenalty,
            FrequencyPenalty = own.FrequencyPenalty ?? options?.FrequencyPenalty,
            RepeatPenalty = own.RepeatPenalty ?? options?.RepeatPenalty,
            RepeatLastN = own.RepeatLastN ?? options?.RepeatLastN,
            Mirostat = own.Mirostat ?? options?.Mirostat,
            MirostatTau = own.MirostatTau ?? options?.MirostatTau,
            MirostatEta = own.MirostatEta ?? options?.MirostatEta,
            Seed = own.Seed ?? extras.Integer("random_seed") ?? options?.Seed,
            Stop = own.Stop ?? options?.Stop,
            Unknown = extras.Rest,
        });
    }

    /// <summary>llama-server's and LM Studio's -1: as much as there is room for.</summary>
    private static int? Limit(int? tokens) => tokens == -1 ? null : tokens;

    /// <summary>vLLM's, llama-server's and Ollama's names for a schema.</summary>
    private static JsonElement? ResponseFormat(ExtraParameters extras)
    {
        JsonElement? format = extras.Take("format");
        if (format is { ValueKind: JsonValueKind.String } named)
            return named.GetString() is "json" ? JsonElement.Parse("""{"type":"json_object"}""") : null;
        JsonElement? outputs = extras.Take("structured_outputs");
        JsonElement? schema = extras.Take("guided_json") ?? extras.Take("json_schema") ?? format
            ?? (outputs is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("json", out JsonElement json) ? json : null);
        string? text = schema is { ValueKind: JsonValueKind.String } written ? written.GetString() : schema?.GetRawText();
        return text is null ? null : ExtraParameters.Parse($$$"""{"type":"json_schema","json_schema":{"name":"answer","schema":{{{text}}}}}""");
    }

    /// <summary>How much a model is to think, as the variables that templates know.</summary>
    private static IReadOnlyDictionary<string, JsonElement>? TemplateVariables(ChatCompletionRequest request, ExtraParameters extras)
    {
        if ((request.ReasoningEffort ?? Effort(extras)) is not { } effort)
            return request.ChatTemplateKwargs;
        if (!Efforts.Contains(effort))
            throw OpenAiException.InvalidRequest($"'reasoning_effort' is '{effort}'; allowed: {string.Join(", ", Efforts)}.", "reasoning_effort");
        if (effort == "default")
            return request.ChatTemplateKwargs;
        var variables = new Dictionary<string, JsonElement>(request.ChatTemplateKwargs ?? new Dictionary<string, JsonElement>());
        JsonElement thinks = JsonElement.Parse(effort == NoThinking ? "false" : "true");
        string known = effort switch { "minimal" => "low", "xhigh" or "max" => "high", _ => effort };
        variables.TryAdd("enable_thinking", thinks);
        variables.TryAdd("thinking", thinks);
        variables.TryAdd("reasoning_effort", JsonElement.Parse($"\"{known}\""));
        return variables;
    }

    /// <summary>Ollama's, OpenRouter's, DeepSeek's and Qwen's names for it.</summary>
    private static string? Effort(ExtraParameters extras)
    {
        JsonElement? reasoning = extras.Take("reasoning"), thinking = extras.Take("thinking");
        foreach (JsonElement? given in new[]
        {
            extras.Take("think"), extras.Take("enable_thinking"), Member(reasoning, "effort"), Member(reasoning, "enabled"), Member(thinking, "type"),
        })
        {
            string? effort = given switch
            {
                { ValueKind: JsonValueKind.True } => "medium",
                { ValueKind: JsonValueKind.False } => NoThinking,
                { ValueKind: JsonValueKind.String } text => text.GetString() switch { "enabled" => "medium", "disabled" => NoThinking, var named => named },
                _ => null,
            };
            if (effort is not null)
                return effort;
        }
        return null;
    }

    private static JsonElement? Member(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty(name, out JsonElement member) ? member : null;

    private static bool IsGiven(JsonElement? value) => value is { ValueKind: not JsonValueKind.Null };

    /// <summary>The older API's functions are tools, of which one is called at a time.</summary>
    private static ChatCompletionRequest OfFunctions(ChatCompletionRequest request)
    {
        if (request.Functions is not { ValueKind: not JsonValueKind.Null } functions)
            return request with { Functions = null, FunctionCall = null };
        if (functions.ValueKind != JsonValueKind.Array || functions.EnumerateArray().Any(f => f.ValueKind != JsonValueKind.Object))
            throw OpenAiException.InvalidRequest("'functions' must be an array of functions with 'name' and 'parameters'.", "functions", "invalid_type");
        if (IsGiven(request.Tools))
            throw OpenAiException.InvalidRequest("'functions' is the older name of 'tools'; leave one of both out.", "functions");
        string tools = string.Join(',', functions.EnumerateArray().Select(f => $$"""{"type":"function","function":{{f.GetRawText()}}}"""));
        return request with
        {
            Tools = JsonElement.Parse($"[{tools}]"),
            ToolChoice = request.FunctionCall is { ValueKind: JsonValueKind.Object } named
                ? JsonElement.Parse($$"""{"type":"function","function":{{named.GetRawText()}}}""")
                : request.FunctionCall,
            ParallelToolCalls = false,
        };
    }

    private static IReadOnlyList<RequestMessage>? Messages(IReadOnlyList<RequestMessage>? messages, bool continuesLast)
    {
        if (messages is null)
            return null;
        bool isLast(int index) => continuesLast && index == messages.Count - 1;
        return messages.All(m => m is not ({ Role: "function" } or { FunctionCall: not null })) && !continuesLast
            ? messages
            : [.. messages.Select((m, i) => m is null ? m! : Message(m) with { Prefix = isLast(i) ? true : m.Prefix })];
    }

    private static RequestMessage Message(RequestMessage message) => message switch
    {
        { Role: "function" } => message with { Role = "tool", ToolCallId = ToolCall.IdOfFunction(message.Name) },
        { FunctionCall: { } call } => message with { FunctionCall = null, ToolCalls = message.ToolCalls ?? [ToolCall.OfFunction(call)] },
        _ => message,
    };
}
