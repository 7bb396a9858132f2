using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Whatever a template leaves out or refuses, no message is lost.</summary>
public sealed class ArrangementTests
{
    private static readonly ChatMessage User = new(ChatRole.User, "QUESTION"), Alpha = new(ChatRole.System, "ALPHA"), Beta = new(ChatRole.System, "BETA");
    private static readonly ChatMessage Reply = new(ChatRole.Assistant, "REPLY");

    private static readonly string[] Templates =
    [
        "HuggingFaceTB-SmolLM3-3B", "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "mistralai-Mistral-Nemo-Instruct-2407", "google-gemma-2-2b-it",
        "Qwen-Qwen3-0.6B", "microsoft-Phi-3.5-mini-instruct", "meta-llama-Llama-3.2-3B-Instruct",
    ];

    public static TheoryData<string> Known() => [.. Templates.Where(name => ModelTemplates.Find(name) is not null)];

    private static string Written(string template, params ChatMessage[] messages) =>
        new ChatTemplate(File.ReadAllText(ModelTemplates.Find(template)!)) { BosToken = "<s>", EosToken = "</s>" }.Render(messages).Text;

    [Theory]
    [MemberData(nameof(Known))]
    public void System_messages_are_written_wherever_they_stand(string template)
    {
        ChatMessage[][] conversations =
        [
            [Alpha, Beta, User], [Alpha], [Alpha, User, Reply, Beta, User], [User, Reply, Alpha, Beta, User], [Alpha, User, Reply, User, Beta],
        ];
        foreach (ChatMessage[] conversation in conversations)
        {
            string prompt = Written(template, conversation);
            Assert.All(conversation.Select(m => m.Content!), text => Assert.Contains(text, prompt, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void Messages_of_one_that_follow_each_other_are_written(string template)
    {
        string prompt = Written(template, User, new ChatMessage(ChatRole.User, "MORE"), Reply, new ChatMessage(ChatRole.Assistant, "AGAIN"), User);

        Assert.All(new[] { "QUESTION", "MORE", "REPLY", "AGAIN" }, text => Assert.Contains(text, prompt, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_template_takes_is_written_as_it_is() => Assert.Equal(
        "system:ALPHA;system:BETA;user:QUESTION;",
        new ChatTemplate("{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}").Render([Alpha, Beta, User]).Text);

    [Fact]
    public void A_template_that_writes_no_system_messages_at_all_gets_them_with_the_question() => Assert.Equal(
        "user:ALPHA\n\nBETA\n\nQUESTION;",
        new ChatTemplate("{% for m in messages if m.role != 'system' %}{{ m.role }}:{{ m.content }};{% endfor %}").Render([Alpha, Beta, User]).Text);

    [Fact]
    public void A_system_message_that_is_written_as_JSON_is_not_lost() => Assert.Equal(
        """[{"role": "system", "content": "a \"b\""}]""",
        new ChatTemplate("{{ messages | tojson }}").Render([new ChatMessage(ChatRole.System, "a \"b\"")]).Text);

    [Fact]
    public void What_no_arrangement_helps_is_refused_with_the_templates_words() => Assert.Contains("never",
        Assert.Throws<TemplateException>(() => new ChatTemplate("{{ raise_exception('never') }}").Render([Alpha, User])).Message, StringComparison.Ordinal);
}
