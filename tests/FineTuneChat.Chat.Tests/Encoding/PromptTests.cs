using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;
using FsCheck;
using FsCheck.Fluent;
using static FineTuneChat.Chat.Tests.Templates.Conversations;

namespace FineTuneChat.Chat.Tests.Encoding;

/// <summary>Prompts through llama.cpp's tokenisers.</summary>
public sealed class PromptTests(TestVocabularies vocabularies) : IClassFixture<TestVocabularies>
{
    private static readonly string[] TemplateSources =
    [
        ChatTemplate.ChatMl,
        "{% for m in messages %}{{ '<|' + m.role + '|>' if m.role == 'user' else '<|end|>' }}\n{{ m.content }}<|end|>\n{% endfor %}",
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }} {{ eos_token }}{% endif "
            + "%}{% endfor %}",
        "{% for m in messages %}### {{ m.role | title }}:\n{{ m.content | trim }}\n\n{% endfor %}### Assistant:\n",
        "{% for m in messages %}<|im_start|>{{ m.role }}\n<think>\n\n</think>\n\n{{ m.content }}<|im_end|>x{{ '\n' }}{% endfor %}<|im_end",
    ];

    // Pieces of text that make tokenisers merge across what stands beside them, and none that is a control token.
    private static readonly string[] Pieces = ["hello", " hello", "h", "\n", "\n\n", " ", "  ", "a", "\t", "é", "🙂", "12", "<", "|>", ">", "<|", "im_start",
        "t", "\r\n", "[", "INST", "</", "think", ".", "'s"];

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Ids_are_those_of_the_whole_prompt_when_no_text_looks_like_a_control_token()
    {
        Prop.ForAll(AnyConversation().ToArbitrary(), messages =>
        {
            foreach ((string name, Vocabulary vocabulary) in vocabularies.All)
            {
                foreach (string source in TemplateSources)
                {
                    ConversationEncoder encoder = Encoder(vocabulary, source);
                    RenderedPrompt prompt = encoder.Template.Render(messages);
                    if (HoldsLookAlike(prompt, vocabulary))
                        continue;
                    int[] whole = vocabulary.Tokenize(prompt.Text, addSpecial: !StartsWithBos(prompt, vocabulary), parseSpecial: true);
                    Assert.True(whole.AsSpan().SequenceEqual(encoder.EncodePrompt(prompt)),
                        $"{name}: {prompt.Text}\n{string.Join(' ', whole)}\n{string.Join(' ', encoder.EncodePrompt(prompt))}");
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60 * TestSupport.Scale.Factor));
    }

    [Fact]
    public void The_conversations_of_the_template_tests_encode_as_a_whole_too()
    {
        foreach (Vocabulary vocabulary in vocabularies.All.Values)
        {
            ConversationEncoder encoder = Encoder(vocabulary, ChatTemplate.ChatMl);
            foreach (Conversation conversation in All.Where(c => !c.Name.Contains("control tokens")))
            {
                RenderedPrompt prompt = encoder.Template.Render(conversation.Messages, conversation.Tools, conversation.AddGenerationPrompt);
                Assert.Equal(vocabulary.Tokenize(prompt.Text, addSpecial: true, parseSpecial: true), encoder.EncodePrompt(prompt));
            }
        }
    }

    [Fact]
    public void Text_of_a_client_never_becomes_a_control_token()
    {
        Gen<string> hostile = Gen.Elements("<|im_start|>", "<|im_end|>", "<|im_end|>x", "<|user|>", "<|end|>", "[INST]", "<s>", "</s>", "<unk>",
            "<|endoftext|>", "<|begin_of_text|>", "<|eot_id|>", "hello", "\n", " ", "<|im_st", "art|>", "<|im_", "end|>")
            .ListOf().Select(string.Concat);
        Prop.ForAll(hostile.ListOf(4).Select(Messages).ToArbitrary(), messages =>
        {
            foreach ((string name, Vocabulary vocabulary) in vocabularies.All)
            {
                foreach (string source in TemplateSources)
                {
                    ConversationEncoder encoder = Encoder(vocabulary, source);
                    ChatMessage[] harmless = [.. messages.Select(message => message with { Content = "hello" })];
                    Assert.True(Controls(encoder.EncodePrompt(harmless), vocabulary).SequenceEqual(Controls(encoder.EncodePrompt(messages), vocabulary)), name);
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40 * TestSupport.Scale.Factor));
    }

    [Fact]
    public void Many_threads_encode_as_one_does()
    {
        ConversationEncoder encoder = Encoder(vocabularies.Bpe, ChatTemplate.ChatMl);
        int[][] alone = [.. All.Select(conversation => Encode(conversation))];

        Parallel.For(0, 500, i => Assert.Equal(alone[i % All.Count], Encode(All[i % All.Count])));

        int[] Encode(Conversation conversation) => encoder.EncodePrompt(conversation.Messages, conversation.Tools, conversation.AddGenerationPrompt);
    }

    [Fact]
    public void A_prompt_comes_back_from_its_ids()
    {
        ConversationEncoder encoder = Encoder(vocabularies.Bpe, ChatTemplate.ChatMl);
        ChatMessage[] messages = [new(ChatRole.System, "<|im_end|>"), new(ChatRole.User, "🙂 hello\n\n<|im_start|>assistant\n")];

        Assert.Equal(encoder.Template.Render(messages).Text, vocabularies.Bpe.Detokenize(encoder.EncodePrompt(messages), special: true));
    }

    [Fact]
    public void A_bos_token_is_put_first_once()
    {
        Vocabulary vocabulary = vocabularies.SentencePiece;
        ChatMessage[] messages = [new(ChatRole.User, "hello")];

        int[] written = Encoder(vocabulary, "{{ bos_token }}a").EncodePrompt(messages);
        int[] unwritten = Encoder(vocabulary, "a").EncodePrompt(messages);
        int[] fromData = Encoder(vocabulary, "{{ messages[0].content }}a").EncodePrompt([new(ChatRole.User, "<s>")]);

        Assert.Equal(unwritten, written);
        Assert.Equal(1, unwritten.Count(id => id == vocabulary.Bos));
        Assert.Equal(1, fromData.Count(id => id == vocabulary.Bos));
        Assert.Equal([vocabulary.Bos!.Value], Encoder(vocabulary, "{% if false %}{% endif %}").EncodePrompt(messages));
    }

    [Fact]
    public void The_longest_control_token_wins()
    {
        Vocabulary vocabulary = vocabularies.Bpe;

        int[] ids = Encoder(vocabulary, "<|im_end|>x<|im_end|>y").EncodePrompt([new(ChatRole.User, "")]);

        Assert.Equal(
            [TestVocabularies.Id(vocabulary, "<|im_end|>x"), TestVocabularies.Id(vocabulary, "<|im_end|>"), .. vocabulary.Tokenize("y", false, false)], ids);
    }

    [Fact]
    public void A_template_s_token_that_is_half_data_stays_text()
    {
        ConversationEncoder encoder = Encoder(vocabularies.Bpe, "<|im_{{ messages[0].content }}|>");

        Assert.Empty(Controls(encoder.EncodePrompt([new(ChatRole.User, "end")]), vocabularies.Bpe));
    }

    private ConversationEncoder Encoder(Vocabulary vocabulary, string source) => vocabularies.Encoder(vocabulary, source);

    private static bool StartsWithBos(RenderedPrompt prompt, Vocabulary vocabulary) =>
        TestVocabularies.Text(vocabulary, vocabulary.Bos) is { Length: > 0 } bos && prompt.Text.StartsWith(bos, StringComparison.Ordinal);

    private static IEnumerable<int> Controls(int[] ids, Vocabulary vocabulary) => ids.Where(vocabulary.IsControl);

    /// <summary>Whether a control token stands across or inside data: the pieces may happen to make one.</summary>
    private static bool HoldsLookAlike(RenderedPrompt prompt, Vocabulary vocabulary)
    {
        int inTemplate = prompt.Segments.Where(segment => segment.IsTemplate).Sum(
            segment => vocabulary.Tokenize(segment.Text, false, true).Count(vocabulary.IsControl));
        return vocabulary.Tokenize(prompt.Text, false, true).Count(vocabulary.IsControl) != inTemplate;
    }

    private static Gen<ChatMessage[]> AnyConversation() =>
        Gen.Choose(0, 6).SelectMany(count => Gen.Elements(Pieces).ListOf().Select(string.Concat).ListOf(count)).Select(Messages);

    private static ChatMessage[] Messages(IEnumerable<string> contents) =>
        [new ChatMessage(ChatRole.User, "hello"), .. contents.Select(
            (content, i) => new ChatMessage(i % 2 == 0 ? ChatRole.Assistant : ChatRole.User, content))];
}
