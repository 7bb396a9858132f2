using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Formats;

/// <summary>The functions of a row: OpenAI's list, the bare functions that other programs write, or either as text.</summary>
internal static class ToolList
{
    public static IReadOnlyList<ChatTool> Read(JsonElement row, string? key)
    {
        if (key is null || !row.Has(key) || row.GetProperty(key) is { ValueKind: JsonValueKind.String } text && string.IsNullOrWhiteSpace(text.GetString()))
            return [];
        try
        {
            return [.. RowFields.Objects(RowFields.Unpacked(row.GetProperty(key), key), key).Select(tool => new ChatTool(Wrapped(tool)))];
        }
        catch (ArgumentException e)
        {
            throw new RowException($"{key}: {e.Message.Split(" (Parameter")[0].TrimEnd('.')}");
        }
    }

    private static JsonElement Wrapped(JsonElement tool) => tool.Has("function") || !tool.Has("name")
        ? tool
        : JsonElement.Parse(new JsonObject { ["type"] = "function", ["function"] = JsonNode.Parse(tool.GetRawText()) }.ToJsonString());
}
