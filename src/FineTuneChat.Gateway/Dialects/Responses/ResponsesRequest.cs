using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>The body of <c>POST /v1/responses</c>, as far as a local model can do something about it; the rest is ignored. Null = not given.</summary>
internal sealed record ResponsesRequest
{
    public string? Model { get; init; }
    [JsonConverter(typeof(InputConverter)), WireType(typeof(string), typeof(InputItem[]))] public IReadOnlyList<InputItem>? Input { get; init; }
    public string? Instructions { get; init; }
    public string? PreviousResponseId { get; init; }
    public bool? Store { get; init; }
    public bool? Stream { get; init; }
    public int? MaxOutputTokens { get; init; }
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public IReadOnlyList<ResponsesTool>? Tools { get; init; }
    [WireType(typeof(string), typeof(object))] public JsonElement? ToolChoice { get; init; }
    public bool? ParallelToolCalls { get; init; }
    [AllowedValues(Truncations.Auto, Truncations.Disabled, Truncations.Drop, Truncations.Summary)] public string? Truncation { get; init; }
    public ResponsesText? Text { get; init; }
    public ResponsesReasoning? Reasoning { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
    public string? User { get; init; }
    public string? SafetyIdentifier { get; init; }
    public string? PromptCacheKey { get; init; }
    public IReadOnlyList<string>? Include { get; init; } // file_search_call.results

    // What would change the reply, and is not there: refused.
    public bool? Background { get; init; }
    [WireType(typeof(string), typeof(object))] public JsonElement? Conversation { get; init; }
    [WireType(typeof(object))] public JsonElement? Prompt { get; init; }
}

/// <summary>An item of the input: a message, a call, a result, reasoning, or one that only OpenAI's own servers know.</summary>
internal sealed record InputItem
{
    public string? Type { get; init; } // null: a message
    public string? Role { get; init; }
    [WireType(typeof(string), typeof(InputPart[]))] public JsonElement? Content { get; init; }

    // function_call, function_call_output
    public string? CallId { get; init; }
    public string? Name { get; init; }
    public string? Arguments { get; init; }
    public string? Input { get; init; } // of a custom tool's call
    [WireType(typeof(string), typeof(InputPart[]))] public JsonElement? Output { get; init; }

    // reasoning
    [WireType(typeof(InputPart[]))] public JsonElement? Summary { get; init; }
}

internal sealed record InputPart
{
    public string? Type { get; init; }
    public string? Text { get; init; }
    public string? Refusal { get; init; }
}

internal sealed record ResponsesTool
{
    /// <summary>
    /// <c>function</c>, or <c>file_search</c> with <c>vector_store_ids</c>; tools of other types run at OpenAI's or in the client, and are left out.
    /// </summary>
    public string? Type { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }
    [WireType(typeof(object))] public JsonElement? Parameters { get; init; }
    public bool? Strict { get; init; }

    // file_search
    public IReadOnlyList<string>? VectorStoreIds { get; init; }
}

internal sealed record ResponsesText
{
    public ResponsesFormat? Format { get; init; }
}

internal sealed record ResponsesFormat
{
    public string? Type { get; init; }
    public string? Name { get; init; }
    [WireType(typeof(object))] public JsonElement? Schema { get; init; }
    public bool? Strict { get; init; }
}

internal sealed record ResponsesReasoning
{
    public string? Effort { get; init; }
}

/// <summary>Input: a string, which is one message of the user, or an array of items.</summary>
internal sealed class InputConverter : JsonConverter<IReadOnlyList<InputItem>>
{
    public override IReadOnlyList<InputItem> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => [new() { Role = "user", Content = JsonElement.ParseValue(ref reader) }],
        JsonTokenType.StartArray => JsonSerializer.Deserialize(ref reader, ResponsesJson.Wire.InputItemArray)!,
        _ => throw new JsonException("'input' must be a string or an array of items."),
    };

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<InputItem> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Requests are only read.");
}
