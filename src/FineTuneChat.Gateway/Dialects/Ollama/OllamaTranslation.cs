using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>From Ollama's requests to the ones that engines know.</summary>
internal static class OllamaTranslation
{
    private const int LongestWindow = 1 << 16; // tokens that penalties may look back

    /// <exception cref="OpenAiException">400: something cannot be done here, or is not whole.</exception>
    public static ChatCompletionRequest ToChat(OllamaChatRequest request) => WithForm(request, new ChatCompletionRequest
    {
        Messages = Messages(request.Messages ?? []),
        Tools = request.Tools is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0 ? tools : null,
    });

    /// <exception cref="OpenAiException">400: something cannot be done here.</exception>
    public static ChatCompletionRequest ToChat(OllamaGenerateRequest request)
    {
        RefuseWhatIsNotHere(request);
        RequestMessage[] system = string.IsNullOrEmpty(request.System) ? [] : [new() { Role = "system", Content = request.System }];
        return WithForm(request, new ChatCompletionRequest { Messages = [.. system, new() { Role = "user", Content = request.Prompt ?? "" }] });
    }

    /// <summary>The prompt as it is, without a template.</summary>
    /// <exception cref="OpenAiException">400: something cannot be done here.</exception>
    public static TextCompletionRequest ToText(OllamaGenerateRequest request)
    {
        RefuseWhatIsNotHere(request);
        int? limit = request.Options?.NumPredict;
        var text = new TextCompletionRequest
        {
            Model = request.Model,
            Prompt = ChatSwitches.Element(JsonValue.Create(request.Prompt ?? "")),
            MaxTokens = limit is > 0 ? limit : int.MaxValue,
        };
        return request.Options is { } options ? WithOptions(text, options) : text;
    }

    public static TRequest WithOptions<TRequest>(TRequest request, OllamaOptions options) where TRequest : SamplingRequest => request with
    {
        Temperature = options.Temperature,
        TopK = options.TopK,
        TopP = options.TopP,
        MinP = options.MinP,
        TypicalP = options.TypicalP,
        RepeatLastN = options.RepeatLastN is < 0 ? LongestWindow : options.RepeatLastN,
        RepeatPenalty = options.RepeatPenalty,
        PresencePenalty = options.PresencePenalty,
        FrequencyPenalty = options.FrequencyPenalty,
        Mirostat = options.Mirostat,
        MirostatTau = options.MirostatTau,
        MirostatEta = options.MirostatEta,
        Seed = options.Seed,
        Stop = options.Stop,
    };

    private static ChatCompletionRequest WithForm(OllamaReplyRequest request, ChatCompletionRequest chat)
    {
        chat = chat with
        {
            Model = request.Model,
            Stream = request.Stream ?? true,
            MaxCompletionTokens = request.Options?.NumPredict is > 0 and int limit ? limit : null,
            ResponseFormat = Format(request.Format),
            ChatTemplateKwargs = Think(request.Think),
        };
        return request.Options is { } options ? WithOptions(chat, options) : chat;
    }

    private static void RefuseWhatIsNotHere(OllamaGenerateRequest request)
    {
        RefuseImages(request.Images, "images");
        if (!string.IsNullOrEmpty(request.Suffix))
            throw OpenAiException.UnsupportedParameter("suffix", "This route does not fill a gap before another text; POST /infill does.");
        if (!string.IsNullOrEmpty(request.Template))
            throw OpenAiException.UnsupportedParameter("template", "The model's own template is used; with \"raw\": true none is.");
    }

    private static JsonElement? Format(JsonElement? format) => format switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } schema => ChatSwitches.Schema("format", schema),
        { ValueKind: JsonValueKind.String } text when text.GetString() == "json" => ChatSwitches.Schema("format", schema: null),
        { ValueKind: JsonValueKind.String } text when text.GetString() == "" => null,
        _ => throw OpenAiException.InvalidRequest("'format' must be \"json\" or a JSON schema.", "format"),
    };

    private static IReadOnlyDictionary<string, JsonElement>? Think(JsonElement? think) => think switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } isOn => ChatSwitches.Thinking(isOn.GetBoolean()),
        { ValueKind: JsonValueKind.String } effort => new Dictionary<string, JsonElement>(ChatSwitches.Thinking(true)!) { ["reasoning_effort"] = effort },
        _ => throw OpenAiException.InvalidRequest("'think' must be true, false, \"low\", \"medium\" or \"high\".", "think"),
    };

    private static List<RequestMessage> Messages(IReadOnlyList<OllamaMessage> messages)
    {
        var translated = new List<RequestMessage>();
        var open = new OpenCalls();
        foreach ((int i, OllamaMessage message) in messages.Index())
        {
            if (message is null)
                throw OpenAiException.InvalidRequest($"'messages[{i}]' is null.", $"messages[{i}]");
            RefuseImages(message.Images, $"messages[{i}].images");
            ToolCall[] calls = [.. (message.ToolCalls ?? []).Select((call, k) => new ToolCall
            {
                Id = call?.Id ?? string.Create(CultureInfo.InvariantCulture, $"call_{i}_{k}"),
                Type = "function",
                Function = new() { Name = call?.Function?.Name, Arguments = call?.Function?.Arguments?.GetRawText() ?? "{}" },
            })];
            foreach (ToolCall call in calls)
                open.Add(call.Id!, call.Function!.Name);
            translated.Add(new()
            {
                Role = message.Role,
                Content = string.IsNullOrEmpty(message.Content) && calls.Length > 0 ? null : message.Content ?? "",
                ReasoningContent = string.IsNullOrEmpty(message.Thinking) ? null : message.Thinking,
                ToolCalls = calls.Length > 0 ? calls : null,
                ToolCallId = message.Role == "tool" ? message.ToolCallId ?? open.Answer(message.ToolName) : null,
            });
        }
        return translated;
    }

    private static void RefuseImages(IReadOnlyList<string>? images, string name)
    {
        if (images is { Count: > 0 })
            throw OpenAiException.UnsupportedParameter(name, "This server's models read text only.");
    }
}
