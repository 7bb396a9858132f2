using System.Text.Json;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Chat.Tests.Templates;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Tests.Replies;

public sealed class ToolFormatTests
{
    private static readonly ChatTool Weather = new(
        JsonElement.Parse(
        """{"type":"function","function":{"name":"weather","description":"Tells it.","parameters":{"type":"object","properties":{"city":"""
        + """{"type":"string","description":"Where."}}}}}"""));

    private static readonly ChatMessage[] Conversation =
    [
        new(ChatRole.User, "Weather in Ulm?"),
        new(ChatRole.Assistant, null) { ToolCalls = [new("call_8d72a1", "weather", """{"city":"Ulm"}""")] },
        new(ChatRole.Tool, "sunny") { ToolCallId = "call_8d72a1" },
    ];

    private static ChatTemplate Template(string name) =>
        new(File.ReadAllText(ModelTemplates.Find(name)!)) { BosToken = "<s>", EosToken = "</s>" };

    [Theory]
    [TemplateData("Qwen-Qwen2.5-7B-Instruct", "hermes")]
    [TemplateData("Qwen-Qwen3-0.6B", "hermes")]
    [TemplateData("NousResearch-Hermes-3-Llama-3.1-8B-tool_use", "hermes")]
    [TemplateData("meta-llama-Llama-3.1-8B-Instruct", "llama")]
    [TemplateData("meta-llama-Llama-3.2-3B-Instruct", "llama")]
    [TemplateData("mistralai-Mistral-Nemo-Instruct-2407", "mistral")]
    [TemplateData("microsoft-Phi-3.5-mini-instruct", "json")]
    [TemplateData("google-gemma-2-2b-it", "json")]
    [TemplateData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "deepseek")]
    public void The_template_tells_the_format_and_takes_a_conversation_with_calls(string name, string format)
    {
        ChatTemplate template = Template(name);
        ToolFormat found = ToolFormatFinder.Find(template);
        (IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatTool> tools) = ToolPrompt.Of(found, Conversation, [Weather]);
        string prompt = template.Render(messages, tools).Text;

        Assert.Equal(format, found.Name);
        Assert.All(new[] { "\"weather\"", "Where.", "Ulm", "sunny" }, text => Assert.Contains(text, prompt, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[TOOL_CALLS]{{ call.function.name }}[ARGS]{{ call.function.arguments | tojson }}")]
    [InlineData("[TOOL_CALLS]{{ call.function.name }}[CALL_ID]{{ call.id }}[ARGS]{{ call.function.arguments | tojson }}")]
    public void Names_before_the_arguments_are_mistrals_newer_way(string call)
    {
        var template = new ChatTemplate(
            "{% for tool in tools or [] %}[AVAILABLE_TOOLS]{{ tool | tojson }}[/AVAILABLE_TOOLS]{% endfor %}"
            + "{% for message in messages %}{{ message.content or '' }}{% for call in message.tool_calls or [] %}" + call + "{% endfor %}{% endfor %}");

        Assert.Equal(ToolFormat.MistralNamed, ToolFormatFinder.Find(template));
    }

    [Fact]
    public void A_template_without_tools_gets_instructions_calls_and_results_as_text()
    {
        (IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatTool> tools) = ToolPrompt.Of(ToolFormatFinder.Find(new ChatTemplate(ChatTemplate.ChatMl)),
            Conversation, [Weather]);

        Assert.Empty(tools);
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.User], messages.Select(m => m.Role));
        Assert.Contains("\"name\":\"weather\"", messages[0].Content, StringComparison.Ordinal);
        Assert.Equal("""{"tool_calls": [{"name": "weather", "arguments": {"city":"Ulm"}}]}""", messages[2].Content);
        Assert.Equal("Result of weather: sunny", messages[3].Content);
    }

    [Fact]
    public void Ids_become_such_as_mistral_takes_and_still_belong_together()
    {
        IReadOnlyList<ChatMessage> messages = ToolPrompt.Of(ToolFormat.Mistral, Conversation, []).Messages;

        Assert.Matches("^[0-9a-z]{9}$", messages[1].ToolCalls[0].Id);
        Assert.Equal(messages[1].ToolCalls[0].Id, messages[2].ToolCallId);
    }

    [Theory]
    [TemplateData("Qwen-Qwen3-0.6B", null, ReasoningStart.Possible)]
    [TemplateData("Qwen-Qwen3-0.6B", false, ReasoningStart.None)]
    [TemplateData("Qwen-Qwen2.5-7B-Instruct", null, ReasoningStart.None)]
    [TemplateData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", null, ReasoningStart.None)]
    [TemplateData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", true, ReasoningStart.Open)]
    public void The_prompt_tells_whether_reasoning_is_open(string name, bool? thinking, ReasoningStart start)
    {
        ChatTemplate template = Template(name);
        var variables = thinking is { } on ? new Dictionary<string, JsonElement> { ["enable_thinking"] = JsonElement.Parse(on ? "true" : "false") } : [];

        Assert.Equal(start, ReasoningTags.StartOf(template, template.Render([new(ChatRole.User, "Is <think> open?")], variables: variables)));
    }
}
