using System.Text.Json;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Tools;

/// <summary>
/// Finds the format that a template's model writes calls in. Nothing in a template declares it: a call is rendered, and the format is the one that
/// writes the same.
/// </summary>
public static class ToolFormatFinder
{
    private const string Mark = "needle", Id = "call12345", Arguments = """{"a": "b"}""";

    /// <summary>The format; <see cref="ToolFormat.Json"/> where the template knows no tools, or writes calls in none that is known.</summary>
    public static ToolFormat Find(ChatTemplate template)
    {
        template = template.ToolUse ?? template;
        const string Definition = """
            {"type":"function","function":{"name":"MARK","description":"?","parameters":{"type":"object",
             "properties":{"a":{"type":"string","description":"?"}}}}}
            """;
        ChatTool tool = new(JsonElement.Parse(Definition.Replace("MARK", Mark, StringComparison.Ordinal)));
        ChatMessage user = new(ChatRole.User, "?");
        bool tellsTools = Written(template, [user], [tool]).Contains(Mark, StringComparison.Ordinal);
        if (template.WritesToolCalls)
        {
            string call = Condensed(Written(template, [user, new(ChatRole.Assistant, null) { ToolCalls = [new(Id, Mark, Arguments)] }], []));
            ToolFormat? written = Writing(call, format => format.Write([(Mark, Arguments)]))
                ?? Writing(call, format => format.Open + format.Write(Mark, Arguments, 0)) // some have more in the object
                ?? Writing(call, format => format.IdStart.Length > 0 ? format.Open + format.Write(Mark + format.IdStart + Id, Arguments, 0) : null);
            if (written is not null)
                return written with { TellsTools = tellsTools };
        }
        ToolFormat? told = tellsTools ? ToolFormats.All.FirstOrDefault(format => format.Signs.Count > 0 && format.Signs.All(
            sign => template.Source.Contains(sign, StringComparison.Ordinal) || template.Source.Contains(Escaped(sign), StringComparison.Ordinal))) : null;
        return told is null ? ToolFormat.Json : told with { WritesCalls = template.WritesToolCalls };
    }

    /// <summary>The first format whose way to write the call stands in what the template has written.</summary>
    private static ToolFormat? Writing(string call, Func<ToolFormat, string?> way) =>
        ToolFormats.All.FirstOrDefault(format => way(format) is { } text && call.Contains(Condensed(text), StringComparison.Ordinal));

    /// <summary>Templates differ in white space, which no model minds.</summary>
    private static string Condensed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    /// <summary>As it stands in a text of the template.</summary>
    private static string Escaped(string sign) => sign.Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Written(ChatTemplate template, ChatMessage[] messages, ChatTool[] tools)
    {
        try
        {
            return template.Render(messages, tools, addGenerationPrompt: false).Text;
        }
        catch (TemplateException)
        {
            return "";
        }
    }
}
