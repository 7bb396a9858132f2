using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>
/// Responses from the chat request that was asked and what came back for it: for a new one, for a stored one, and for each state of a stream.
/// </summary>
internal static class ResponseBuilder
{
    /// <summary>The role of what came as instructions; system messages of the input are the developer's.</summary>
    public const string InstructionsRole = "system";

    public const string EffortSwitch = "reasoning_effort"; // a name that templates know

    /// <summary>A response that has just begun.</summary>
    public static Response Begin(ChatCompletionRequest request, string completionId, string model, long createdAt, string? previous) => new()
    {
        Id = ReplyIds.In(ReplyIds.Response, completionId),
        CreatedAt = createdAt,
        Status = "in_progress",
        Instructions = request.Messages is [{ Role: InstructionsRole } first, ..] ? first.Content : null,
        MaxOutputTokens = request.TokenLimit,
        Model = model,
        ParallelToolCalls = request.ParallelToolCalls ?? true,
        PreviousResponseId = previous,
        Reasoning = new() { Effort = Effort(request) },
        Store = request.Store ?? true,
        Temperature = request.Temperature ?? 1,
        TopP = request.TopP ?? 1,
        Text = new(Format(request.ResponseFormat)),
        ToolChoice = Choice(request.ToolChoice),
        Tools =
        [
            .. request.Tools is { ValueKind: JsonValueKind.Array } tools ? tools.EnumerateArray().Select(Tool) : [],
            .. request.VectorStoreIds is { } stores ? (JsonElement[])[FileSearch(stores)] : [],
        ],
        Truncation = request.Truncation ?? Truncations.Disabled,
        Metadata = request.Metadata ?? new Dictionary<string, string>(),
    };

    /// <summary>The same response when its output is there.</summary>
    public static Response End(Response response, IReadOnlyList<OutputItem> output, string? finish, Usage? usage) => response with
    {
        Status = finish == FinishReasons.Length ? "incomplete" : "completed",
        IncompleteDetails = finish == FinishReasons.Length ? new("max_output_tokens") : null,
        Output = output,
        Usage = usage is null ? null : new()
        {
            InputTokens = usage.PromptTokens,
            InputTokensDetails = new(usage.PromptTokensDetails?.CachedTokens ?? 0),
            OutputTokens = usage.CompletionTokens,
            OutputTokensDetails = new(usage.CompletionTokensDetails?.ReasoningTokens ?? 0),
            TotalTokens = usage.TotalTokens,
        },
    };

    /// <summary>The items of a whole reply.</summary>
    public static IReadOnlyList<OutputItem> Output(
        string completionId, string? text, string? reasoning, IReadOnlyList<ToolCall>? calls, FileSearchCall? search = null) =>
    [
        .. search is null ? [] : (OutputItem[])[Search(completionId, search)],
        .. string.IsNullOrEmpty(reasoning) ? [] : (OutputItem[])[Reasoning(completionId, reasoning)],
        .. string.IsNullOrEmpty(text) && calls is { Count: > 0 } ? [] : (OutputItem[])[Message(completionId, text ?? "", search?.Citations)],
        .. (calls ?? []).Select((call, i) => Call(completionId, i, call)),
    ];

    public static OutputItem Reasoning(string completionId, string? text) => new()
    {
        Id = ItemId("rs_", completionId),
        Type = "reasoning",
        Summary = [],
        Content = text is null ? [] : [OutputPart.OfReasoning(text)],
    };

    /// <summary>The search of documents that came before the reply.</summary>
    public static OutputItem Search(string completionId, FileSearchCall search) => new()
    {
        Id = ItemId("fs_", completionId),
        Type = "file_search_call",
        Status = "completed",
        Queries = search.Queries,
        Results = search.IsShown ? [.. search.Sources.Select(s => new FileSearchResult(s.FileId, s.Filename, s.Score))] : null,
    };

    public static OutputItem Message(string completionId, string? text, IReadOnlyList<FileCitation>? citations = null) => new()
    {
        Id = ItemId(ReplyIds.Message, completionId),
        Type = "message",
        Status = text is null ? "in_progress" : "completed",
        Role = "assistant",
        Content = text is null ? [] : [OutputPart.OfText(text, citations)],
    };

    public static OutputItem Call(string completionId, int index, ToolCall call, bool isWhole = true) => new()
    {
        Id = ItemId("fc_", completionId) + string.Create(CultureInfo.InvariantCulture, $"_{index}"),
        Type = "function_call",
        Status = isWhole ? "completed" : "in_progress",
        CallId = call.Id,
        Name = call.Function?.Name,
        Arguments = call.Function?.Arguments ?? "",
    };

    private static string ItemId(string kind, string completionId) => ReplyIds.In(kind, completionId);

    private static string? Effort(ChatCompletionRequest request) =>
        request.ChatTemplateKwargs?.GetValueOrDefault(EffortSwitch) is { ValueKind: JsonValueKind.String } effort ? effort.GetString() : null;

    private static JsonElement FileSearch(IEnumerable<string> stores) => ChatSwitches.Element(new JsonObject
    {
        ["type"] = "file_search",
        ["vector_store_ids"] = new JsonArray([.. stores.Select(id => (JsonNode)id)]),
    });

    /// <summary>A function, flat as this API has it.</summary>
    private static JsonElement Tool(JsonElement tool)
    {
        JsonObject function = JsonNode.Parse(tool.GetProperty("function").GetRawText())!.AsObject();
        var flat = new JsonObject { ["type"] = "function" };
        foreach ((string key, JsonNode? value) in function)
            flat[key] = value?.DeepClone();
        flat.TryAdd("parameters", null);
        flat.TryAdd("strict", false);
        return ChatSwitches.Element(flat);
    }

    private static JsonElement Choice(JsonElement? choice) => choice switch
    {
        null or { ValueKind: JsonValueKind.Null } => ChatSwitches.Choice("auto"),
        { ValueKind: JsonValueKind.Object } named when named.TryGetProperty("function", out JsonElement function) => ChatSwitches.Element(new JsonObject
        {
            ["type"] = "function",
            ["name"] = function.GetProperty("name").GetString(),
        }),
        { ValueKind: JsonValueKind.Object } => ChatSwitches.Choice("auto"),
        _ => choice.Value,
    };

    private static JsonElement Format(JsonElement? format)
    {
        if (format is not { ValueKind: JsonValueKind.Object } given)
            return ChatSwitches.Element(new JsonObject { ["type"] = "text" });
        if (!given.TryGetProperty("json_schema", out JsonElement schema))
            return ChatSwitches.Element(new JsonObject { ["type"] = "json_object" });
        JsonObject flat = JsonNode.Parse(schema.GetRawText())!.AsObject();
        flat.Insert(0, "type", "json_schema");
        return ChatSwitches.Element(flat);
    }
}
