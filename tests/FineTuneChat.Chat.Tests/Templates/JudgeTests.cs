using System.Text.Json;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Chat.Tests.Templates.Judge;
using FineTuneChat.Templates;
using FineTuneChat.Templates.Builtins;
using FineTuneChat.Templates.Runtime;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Templates rendered as @huggingface/jinja renders them, byte for byte; what it refuses is refused for the same reason.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class JudgeTests(ITestOutputHelper output)
{
    private static string SampleTemplates => Path.Combine(Repository.Root, "tests", "FineTuneChat.Chat.Tests", "Templates", "Samples");

    [Fact]
    public async Task Our_own_templates_render_as_the_reference_does() =>
        await CompareAsync(Directory.GetFiles(SampleTemplates, "*.jinja").Order(StringComparer.Ordinal));

    [Fact]
    public async Task Templates_of_well_known_models_render_as_the_reference_does() => await CompareAsync(ModelTemplates.Files);

    private async Task CompareAsync(IEnumerable<string> files)
    {
        var names = new List<string>();
        var cases = new List<JinjaJudge.Case>();
        var ours = new List<Outcome>();
        foreach (string file in files)
        {
            string source = await File.ReadAllTextAsync(file);
            var template = new ChatTemplate(source) { BosToken = "<s>", EosToken = "</s>" };
            foreach (Conversations.Conversation conversation in Conversations.All)
            {
                Dictionary<string, Value> values = template.Values(
                    conversation.Messages, conversation.Tools, conversation.AddGenerationPrompt, conversation.VariableTable);
                names.Add($"{Path.GetFileName(file)} × {conversation.Name}");
                cases.Add(new JinjaJudge.Case(source, ToJson(values)));
                ours.Add(Render(template, values));
            }
        }

        IReadOnlyList<JinjaJudge.Verdict> verdicts = await JinjaJudge.RenderAsync(cases);

        int[] refused = [.. Enumerable.Range(0, cases.Count).Where(i => ours[i].Text is null && verdicts[i].Text is null)];
        int[] equal = [.. Enumerable.Range(0, cases.Count).Where(i => ours[i].Text is { } text && text == verdicts[i].Text)];
        int[] different = [.. Enumerable.Range(0, cases.Count).Except(refused).Except(equal)];
        output.WriteLine(
            $"{names.Count / Conversations.All.Count} templates × {Conversations.All.Count} conversations: {equal.Length} equal, {refused.Length} refused "
            + $"by both, {different.Length} different.");
        foreach (int i in refused)
            output.WriteLine($"{names[i]}: {ours[i].Reason}");
        Assert.NotEmpty(equal);
        Assert.True(different.Length == 0,
            string.Join("\n\n",
            different.Select(i => $"{names[i]}\nours:\n{ours[i].Text ?? ours[i].Reason}\nreference:\n{verdicts[i].Text ?? verdicts[i].Error}")));
        Assert.All(refused.Where(i => ours[i].IsRaised), i => Assert.Equal(verdicts[i].Error, ours[i].Reason));
    }

    /// <summary>A text, or why there is none; raised = the template's own words.</summary>
    private sealed record Outcome(string? Text, string? Reason, bool IsRaised);

    private static Outcome Render(ChatTemplate template, IReadOnlyDictionary<string, Value> values)
    {
        try
        {
            return new(template.Render(values).Text, Reason: null, IsRaised: false);
        }
        catch (TemplateException e)
        {
            return new(Text: null, e.Reason, e.Error == TemplateError.Raised);
        }
    }

    private static JsonElement ToJson(Dictionary<string, Value> values)
    {
        OrderedDictionary<Value, Value> items = DictValue.Table();
        foreach ((string name, Value value) in values)
            items[new TextValue(name, Origin.Template)] = value;
        var context = new RenderContext(TemplateLimits.Default, TimeProvider.System, input: 1 << 20);
        return JsonSerializer.Deserialize<JsonElement>(JsonText.Of(new DictValue(items), CallArguments.None, context).Text);
    }
}
