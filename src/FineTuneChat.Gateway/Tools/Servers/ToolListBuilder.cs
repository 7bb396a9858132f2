using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>Takes the tools that a server lists, one by one, and leaves out what cannot be offered. One bad tool does not cost the others. Pure.</summary>
internal sealed partial class ToolListBuilder(string server, int most)
{
    private readonly List<OfferedTool> _tools = [];
    private readonly List<LeftOutTool> _leftOut = [];

    /// <summary>Whether there is room for more.</summary>
    public bool IsFull => _tools.Count >= most || _leftOut.Count >= ToolLimits.LeftOut;

    public ToolList Build() => new([.. _tools], [.. _leftOut]);

    public void Add(string name, string? title, string? description, JsonElement schema)
    {
        if (IsFull)
            End($"A server may have {most} tools (Tools:MaxTools); the rest is left out.");
        else if (Problem(name, schema) is { } reason)
            _leftOut.Add(new(ToolText.Shown(name), reason));
        else
            _tools.Add(new OfferedTool
            {
                Server = server,
                Name = name,
                Title = title is null ? null : ToolText.Shown(title),
                Description = ToolText.Clean(description ?? "", ToolLimits.Description).Text,
                Parameters = schema.Clone(),
            });
    }

    /// <summary>The list goes on, and is not read to its end.</summary>
    public void End(string reason)
    {
        if (!_leftOut.Exists(tool => tool.Reason == reason))
            _leftOut.Add(new("…", reason));
    }

    private string? Problem(string name, JsonElement schema)
    {
        int longest = ToolLimits.FunctionName - server.Length - 2;
        if (name.Length > longest || !AllowedName().IsMatch(name))
            return $"A name must have 1 to {longest} letters, digits, '_', '-' or '.'.";
        if (_tools.Exists(tool => tool.Name == name))
            return "The server lists this name twice; the first one counts.";
        if (schema.ValueKind != JsonValueKind.Object)
            return "Its input schema is no object.";
        if (Encoding.UTF8.GetByteCount(schema.GetRawText()) > ToolLimits.SchemaBytes)
            return $"Its input schema is larger than {ToolLimits.SchemaBytes} bytes.";
        return DepthOf(schema) > ToolLimits.Depth ? $"Its input schema is nested more than {ToolLimits.Depth} deep." : null;
    }

    /// <summary>Of what the parser has let through, which is bounded.</summary>
    private static int DepthOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => 1 + json.EnumerateObject().Select(property => DepthOf(property.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + json.EnumerateArray().Select(DepthOf).DefaultIfEmpty().Max(),
        _ => 0,
    };

    [GeneratedRegex("^[A-Za-z0-9_.-]+$")]
    private static partial Regex AllowedName();
}
