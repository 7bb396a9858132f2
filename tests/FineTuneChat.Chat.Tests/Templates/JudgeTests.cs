using System.Text.Json;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Chat.Templates.Builtins;
using FineTuneChat.Chat.Templates.Runtime;
using FineTuneChat.Chat.Tests.Templates.Judge;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Templates rendered as @huggingface/jinja renders them, byte for byte.</summary>
public sealed class JudgeTests
{
    private const string SharedTemplates = "/work/shared/data/templates";

    private static string SampleTemplates => Path.Combine(Repository.Root, "tests", "FineTuneChat.Chat.Tests", "Templates", "Samples");

    [Fact]
    public async Task Our_own_templates_render_as_the_reference_does() => await CompareAsync(SampleTemplates);

    [Fact]
    public async Task Templates_of_well_known_models_render_as_the_reference_does()
    {
        if (Directory.Exists(SharedTemplates))
            await CompareAsync(SharedTemplates);
    }

    private static async Task CompareAsync(string folder)
    {
        var names = new List<string>();
        var cases = new List<JinjaJudge.Case>();
        var ours = new List<string>();
        foreach (string file in Directory.GetFiles(folder, "*.jinja").Order(StringComparer.Ordinal))
        {
            string source = await File.ReadAllTextAsync(file);
            var template = new ChatTemplate(source) { BosToken = "<s>", EosToken = "</s>" };
            foreach (Conversations.Conversation conversation in Conversations.All)
            {
                Dictionary<string, Value> values = template.Values(conversation.Messages, conversation.Tools, conversation.AddGenerationPrompt, conversation.VariableTable);
                names.Add($"{Path.GetFileName(file)} × {conversation.Name}");
                cases.Add(new JinjaJudge.Case(source, ToJson(values)));
                ours.Add(Render(template, values));
            }
        }
        Assert.NotEmpty(cases);

        IReadOnlyList<JinjaJudge.Verdict> verdicts = await JinjaJudge.RenderAsync(cases);

        string[] differences =
        [
            .. from i in Enumerable.Range(0, cases.Count)
               where (verdicts[i].Text ?? "fails") != ours[i]
               select $"{names[i]}\nours:\n{ours[i]}\nreference:\n{verdicts[i].Text ?? verdicts[i].Error}",
        ];
        Assert.True(differences.Length == 0, $"{differences.Length} of {cases.Count}:\n{string.Join("\n\n", differences)}");
    }

    private static string Render(ChatTemplate template, IReadOnlyDictionary<string, Value> values)
    {
        try
        {
            return template.Render(values).Text;
        }
        catch (TemplateException)
        {
            return "fails";
        }
    }

    private static JsonElement ToJson(Dictionary<string, Value> values)
    {
        OrderedDictionary<Value, Value> items = DictValue.Table();
        foreach ((string name, Value value) in values)
            items[new TextValue(name, Origin.Template)] = value;
        var context = new RenderContext(TemplateLimits.Default, TimeProvider.System);
        return JsonSerializer.Deserialize<JsonElement>(JsonText.Of(new DictValue(items), CallArguments.None, context).Text);
    }
}
