using System.Text.Json;
using System.Text.Json.Nodes;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>Parts of a chat request that are JSON of their own, as every dialect needs them.</summary>
internal static class ChatSwitches
{
    private static readonly IReadOnlyDictionary<string, JsonElement> On = Switch(true), Off = Switch(false);

    public static JsonElement Null { get; } = JsonElement.Parse("null");

    /// <summary>Whether the model thinks before it answers, where its template knows how to say so; null: as it does by itself.</summary>
    public static IReadOnlyDictionary<string, JsonElement>? Thinking(bool? isOn) => isOn switch { true => On, false => Off, null => null };

    /// <summary>The reply is JSON of this schema; null: any object.</summary>
    public static JsonElement Schema(string name, JsonElement? schema, bool? strict = null) => schema is null
        ? Element(new JsonObject { ["type"] = "json_object" })
        : Element(new JsonObject
        {
            ["type"] = "json_schema",
            ["json_schema"] = new JsonObject { ["name"] = name, ["schema"] = Node(schema), ["strict"] = strict },
        });

    /// <summary>A function that the model may call.</summary>
    public static JsonObject Tool(string? name, string? description, JsonElement? parameters, bool? strict)
    {
        var function = new JsonObject { ["name"] = name };
        if (description is not null)
            function["description"] = description;
        if (parameters is not null)
            function["parameters"] = Node(parameters);
        if (strict is not null)
            function["strict"] = strict;
        return new() { ["type"] = "function", ["function"] = function };
    }

    public static JsonElement Tools(IEnumerable<JsonObject> tools) => Element(new JsonArray([.. tools]));

    /// <summary>auto, none or required.</summary>
    public static JsonElement Choice(string mode) => Element(JsonValue.Create(mode));

    /// <summary>This function must be called.</summary>
    public static JsonElement ChoiceOf(string? name) => Element(new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } });

    public static JsonElement Element(JsonNode node) => JsonElement.Parse(node.ToJsonString());

    /// <summary>The arguments of a call as an object; of one that was cut off, none.</summary>
    public static JsonElement Arguments(string? json)
    {
        try
        {
            JsonElement arguments = JsonElement.Parse(json ?? "{}");
            return arguments.ValueKind == JsonValueKind.Object ? arguments : Element(new JsonObject());
        }
        catch (JsonException)
        {
            return Element(new JsonObject());
        }
    }

    private static JsonNode? Node(JsonElement? json) => json is { } element ? JsonNode.Parse(element.GetRawText()) : null;

    private static Dictionary<string, JsonElement> Switch(bool isOn) => new() { ["enable_thinking"] = Element(JsonValue.Create(isOn)) };
}
