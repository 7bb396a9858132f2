using System.Text.Json;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Templates;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Expressions and statements against what Python's own Jinja2 made of them; see Recorded/record.py.</summary>
public sealed class RecordedTests
{
    private sealed record Recorded(string Template, string? Text);

    [Fact]
    public void Every_recorded_template_renders_as_in_Python()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "FineTuneChat.Chat.Tests", "Templates", "Recorded", "jinja2.jsonl"));
        Dictionary<string, Value> variables = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(lines[0])!
            .ToDictionary(variable => variable.Key, variable => Value.OfJson(variable.Value, Origin.Data));

        string[] differences =
        [
            .. from recorded in lines.Skip(1).Select(line => JsonSerializer.Deserialize<Recorded>(line, JsonSerializerOptions.Web)!)
               let ours = Render(recorded.Template, variables)
               where ours != recorded.Text
               select $"{recorded.Template}\nours: {ours}\nPython: {recorded.Text}",
        ];

        Assert.True(differences.Length == 0, string.Join("\n\n", differences));
    }

    private static string? Render(string template, Dictionary<string, Value> variables)
    {
        try
        {
            return new ChatTemplate(template).Render(variables).Text;
        }
        catch (TemplateException)
        {
            return null;
        }
    }
}
