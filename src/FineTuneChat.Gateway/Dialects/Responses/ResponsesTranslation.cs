using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>From a request for a response to the one that engines know.</summary>
internal static class ResponsesTranslation
{
    /// <param name="request">The request.</param>
    /// <param name="before">What was said up to the response that it goes on from; without that one's instructions, which hold for it alone.</param>
    /// <exception cref="OpenAiException">400: something cannot be done here, or is not whole.</exception>
    public static ChatCompletionRequest ToChat(ResponsesRequest request, IReadOnlyList<RequestMessage> before)
    {
        RefuseWhatIsNotHere(request);
        ResponsesTool[] tools = [.. (request.Tools ?? []).Where(tool => tool?.Type == "function")];
        IEnumerable<RequestMessage> instructions =
            string.IsNullOrEmpty(request.Instructions) ? [] : [new() { Role = ResponseBuilder.InstructionsRole, Content = request.Instructions }];
        return new()
        {
            Model = request.Model,
            Messages = [.. instructions, .. before, .. InputTranslation.ToMessages(request.Input ?? [])],
            MaxCompletionTokens = request.MaxOutputTokens,
            Temperature = request.Temperature,
            TopP = request.TopP,
            Tools = tools.Length == 0 ? null : ChatSwitches.Tools(tools.Select(t => ChatSwitches.Tool(t.Name, t.Description, t.Parameters, t.Strict))),
            VectorStoreIds = VectorStores(request),
            ToolChoice = tools.Length == 0 ? null : Choice(request.ToolChoice),
            ParallelToolCalls = tools.Length == 0 ? null : request.ParallelToolCalls,
            ResponseFormat = Format(request.Text?.Format),
            ChatTemplateKwargs = Effort(request.Reasoning?.Effort),
            Truncation = request.Truncation,
            Stream = request.Stream,
            Store = request.Store,
            Metadata = request.Metadata is { Count: > 0 } ? request.Metadata : null,
            User = request.User,
            SafetyIdentifier = request.SafetyIdentifier,
            PromptCacheKey = request.PromptCacheKey,
        };
    }

    /// <summary>Of the tool <c>file_search</c>: documents are asked at each question, whatever the model would choose.</summary>
    private static string[]? VectorStores(ResponsesRequest request)
    {
        ResponsesTool[] searches = [.. (request.Tools ?? []).Where(tool => tool?.Type == "file_search")];
        if (Array.Exists(searches, search => search.VectorStoreIds is not { Count: > 0 }))
            throw OpenAiException.MissingParameter("tools.vector_store_ids", ": the collections that 'file_search' looks in");
        return searches.Length == 0 ? null : [.. searches.SelectMany(search => search.VectorStoreIds!).Distinct()];
    }

    private static void RefuseWhatIsNotHere(ResponsesRequest request)
    {
        if (request.Background == true)
            throw OpenAiException.UnsupportedParameter("background", "This server answers while the client waits; leave it out.");
        if (request.Conversation is { ValueKind: not JsonValueKind.Null })
            throw OpenAiException.UnsupportedParameter("conversation", "Go on from a response with 'previous_response_id'.");
        if (request.Prompt is { ValueKind: not JsonValueKind.Null })
            throw OpenAiException.UnsupportedParameter("prompt", "Prompts are not stored here; send 'instructions' and 'input'.");
    }

    private static JsonElement? Choice(JsonElement? choice)
    {
        if (choice is not { ValueKind: JsonValueKind.Object } named)
            return choice;
        return Text(named, "type") switch
        {
            "function" => ChatSwitches.ChoiceOf(Text(named, "name")),
            "allowed_tools" => Allowed(named),
            _ => null, // a tool that runs at OpenAI's: left out
        };
    }

    private static JsonElement Allowed(JsonElement choice)
    {
        IEnumerable<JsonElement> tools =
            choice.TryGetProperty("tools", out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];
        JsonNode[] named =
        [
            .. tools.Where(t => Text(t, "type") == "function").Select(t => JsonNode.Parse(ChatSwitches.ChoiceOf(Text(t, "name")).GetRawText())!),
        ];
        return ChatSwitches.Element(new JsonObject
        {
            ["type"] = "allowed_tools",
            ["allowed_tools"] = new JsonObject { ["mode"] = Text(choice, "mode"), ["tools"] = new JsonArray(named) },
        });
    }

    private static JsonElement? Format(ResponsesFormat? format) => format?.Type switch
    {
        null or "text" => null,
        "json_object" => ChatSwitches.Schema("", schema: null),
        "json_schema" => ChatSwitches.Schema(format.Name ?? "", format.Schema
            ?? throw OpenAiException.InvalidRequest("'text.format.schema' is missing.", "text.format.schema"), format.Strict),
        _ => throw OpenAiException.InvalidRequest($"'text.format.type' is '{format.Type}'; allowed: text, json_object, json_schema.", "text.format.type"),
    };

    private static IReadOnlyDictionary<string, JsonElement>? Effort(string? effort) => effort switch
    {
        null => null,
        "none" => ChatSwitches.Thinking(false),
        _ => new Dictionary<string, JsonElement> { [ResponseBuilder.EffortSwitch] = ChatSwitches.Element(JsonValue.Create(effort)) },
    };

    private static string? Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
