using System.Text.Json;
using System.Text.Json.Nodes;

namespace FineTuneChat.Datasets.Messages;

/// <summary>A function that the model may call.</summary>
public sealed record ChatTool
{
    /// <summary>Takes a tool as a request holds it: <c>{"type":"function","function":{"name",…}}</c>. Copies the element, so its document may go.</summary>
    /// <exception cref="ArgumentException">It is not of that shape; the message says what is missing.</exception>
    public ChatTool(JsonElement definition)
    {
        if (definition.ValueKind != JsonValueKind.Object
            || !definition.TryGetProperty("function", out JsonElement function) || function.ValueKind != JsonValueKind.Object
            || !function.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String)
            throw new ArgumentException(
                "A tool must be an object like {\"type\":\"function\",\"function\":{\"name\":\"…\",\"parameters\":{…}}}.", nameof(definition));
        Definition = definition.Clone();
        Name = name.GetString()!;
    }

    /// <summary>The tool as it was given, keys in their order: templates write it as it is.</summary>
    public JsonElement Definition { get; }

    /// <summary>The function's name.</summary>
    public string Name { get; }

    /// <summary>The JSON schema of the arguments; null when the tool takes none.</summary>
    public JsonElement? Parameters =>
        Definition.GetProperty("function").TryGetProperty("parameters", out JsonElement schema) && schema.ValueKind == JsonValueKind.Object ? schema : null;

    /// <summary>Whether every condition of that schema must hold, as <c>"strict": true</c> asks.</summary>
    public bool IsStrict => Definition.GetProperty("function").TryGetProperty("strict", out JsonElement strict) && strict.ValueKind == JsonValueKind.True;

    /// <summary>Whether it has a description and parameters, which some templates count on.</summary>
    public bool IsComplete => Definition.GetProperty("function").TryGetProperty("description", out _) && Parameters is not null;

    /// <summary>The same, with an empty description and no parameters where it has none of them.</summary>
    public ChatTool Completed()
    {
        JsonObject tool = JsonObject.Create(Definition)!;
        JsonObject function = tool["function"]!.AsObject();
        function["description"] ??= "";
        if (Parameters is null)
            function["parameters"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() };
        return new ChatTool(JsonElement.Parse(tool.ToJsonString()));
    }
}
