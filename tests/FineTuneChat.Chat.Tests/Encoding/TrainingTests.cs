using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Native.Llama;
using FsCheck;
using FsCheck.Fluent;
using static FineTuneChat.Chat.Tests.Templates.Conversations;

namespace FineTuneChat.Chat.Tests.Encoding;

/// <summary>Rows to train on: the prompts of serving, the replies and their ends as targets, nothing else.</summary>
public sealed class TrainingTests(TestVocabularies vocabularies) : IClassFixture<TestVocabularies>
{
    // Keeps reasoning in the last turn only, and opens none in the prompt.
    private const string LastThoughtOnly =
        """
        {%- for m in messages %}
            {{- '<|im_start|>' + m.role + '\n' }}
            {%- if m.role == 'assistant' and loop.last %}{{ '<think>\n' + (m.reasoning_content or '') + '\n</think>\n\n' }}{% endif %}
            {{- m.content + '<|im_end|>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """;

    // Opens the reasoning for the model, and forgets it afterwards.
    private const string PromptOpensThought =
        """
        {%- for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n<think>\n' }}{% endif %}
        """;

    // The instructions go with the last message when it is the user's: a prompt that the conversation does not begin with later.
    private const string SystemInLastQuestion =
        """
        {%- for m in messages if m.role != 'system' %}
            {%- if m.role == 'user' %}{{ '[INST]' + (messages[0].content + '\n' if loop.last and messages[0].role == 'system' else '') + m.content + '[INST]' }}
            {%- elif m.tool_calls %}{{ '<|user|>' + (m.tool_calls[0].function | tojson) + '<|im_end|>' }}
            {%- else %}{{ m.content + '<|im_end|>' }}{% endif %}
        {%- endfor %}
        """;

    private const string NoEndOfTurn =
        "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";

    private static readonly string[] TemplateSources =
        [ChatTemplate.ChatMl, LastThoughtOnly, PromptOpensThought, SystemInLastQuestion, NoEndOfTurn,
            "{{ bos_token }}{% for m in messages %}{{ '[INST] ' + m.content + ' [/INST]' if m.role == 'user' else ' ' + m.content | trim + ' ' + "
            + "eos_token }}{% endfor %}"];

    private static readonly ChatMessage[] TwoTurns = [Instructions("Be kind."), User("hello"), Assistant("hello!"), User("Why?"), Assistant("Because.")];

    [Theory]
    [InlineData(ChatTemplate.ChatMl, "2,4: hello!<|im_end|>Because.<|im_end|>")]
    [InlineData(LastThoughtOnly, "2: hello!<|im_end|>; 4: Because.<|im_end|>")]
    [InlineData(PromptOpensThought, "2: hello!<|im_end|>; 4: Because.<|im_end|>")]
    [InlineData(SystemInLastQuestion, "2: hello!<|im_end|>; 4: Because.<|im_end|>")]
    [InlineData(NoEndOfTurn, "2: hello!<|im_end|>; 4: Because.<|im_end|>")]
    public void Replies_are_targets_and_rows_split_where_a_template_forgets(string source, string expected)
    {
        IReadOnlyList<TrainingExample> rows = Encoder(vocabularies.Bpe, source).EncodeConversation(TwoTurns);

        Assert.Equal(expected, string.Join("; ", rows.Select(row => string.Join(',', row.Turns) + ": " + Targets(row, vocabularies.Bpe))));
    }

    [Fact]
    public void What_precedes_each_reply_is_what_serving_sends()
    {
        Prop.ForAll(Conversation().ToArbitrary(), messages =>
        {
            foreach ((string name, Vocabulary vocabulary) in vocabularies.All)
            {
                foreach (string source in TemplateSources)
                {
                    ConversationEncoder encoder = Encoder(vocabulary, source);
                    var turns = new List<int>();
                    foreach (TrainingExample row in encoder.EncodeConversation(messages))
                    {
                        turns.AddRange(row.Turns);
                        Assert.Equal(row.Tokens.Length, row.Mask.Length);
                        Assert.True(row.Mask[^1], "A row ends with a target.");
                        foreach (int turn in row.Turns)
                        {
                            int[] prompt = encoder.EncodePrompt(messages[..turn]);
                            Assert.True(row.Tokens.AsSpan().StartsWith(prompt), $"{name}: turn {turn}");
                            Assert.False(row.Mask[prompt.Length - 1], $"{name}: the prompt of turn {turn} is a target.");
                        }
                    }
                    Assert.Equal(Enumerable.Range(0, messages.Length).Where(i => messages[i].Role == ChatRole.Assistant), turns);
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30 * TestSupport.Scale.Factor));
    }

    [Fact]
    public void Targets_read_as_the_replies_and_end_their_turns()
    {
        Prop.ForAll(Conversation().ToArbitrary(), messages =>
        {
            foreach (Vocabulary vocabulary in vocabularies.All.Values)
            {
                int end = vocabulary.Tokenize("<|im_end|>", false, true) is [var token] && vocabulary.IsEndOfGeneration(token) ? token : vocabulary.Eos!.Value;
                foreach (TrainingExample row in Encoder(vocabulary, ChatTemplate.ChatMl).EncodeConversation(messages))
                {
                    IEnumerable<string> replies = row.Turns.Select(turn => messages[turn].Content!);
                    Assert.Equal(replies, Split(row, end).Select(reply => Pieces(reply, vocabulary)));
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30 * TestSupport.Scale.Factor));
    }

    [Fact]
    public void A_reply_that_would_melt_into_the_prompt_is_encoded_on_its_own()
    {
        ConversationEncoder encoder = Encoder(vocabularies.Bpe, ChatTemplate.ChatMl);
        ChatMessage[] messages = [User("hello"), Assistant("\nhello")];
        int[] prompt = encoder.EncodePrompt(messages[..1]);

        TrainingExample row = Assert.Single(encoder.EncodeConversation(messages));

        Assert.False(encoder.EncodePrompt(messages, addGenerationPrompt: false).AsSpan().StartsWith(prompt), "The case is not the hard one.");
        Assert.True(row.Tokens.AsSpan().StartsWith(prompt));
        Assert.Equal("\nhello<|im_end|>", Targets(row, vocabularies.Bpe));
    }

    [Fact]
    public void A_reply_behind_text_gets_no_space_that_the_template_does_not_write()
    {
        Vocabulary vocabulary = vocabularies.SentencePiece;
        ConversationEncoder encoder = Encoder(vocabulary,
            "{% for m in messages %}{{ m.role + ':' + m.content + eos_token }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}");

        TrainingExample row = Assert.Single(encoder.EncodeConversation([User("a"), Assistant("hello")]));

        Assert.Equal([TestVocabularies.Id(vocabulary, "hello"), vocabulary.Eos!.Value], Masked(row));
    }

    [Fact]
    public void Reasoning_stands_before_the_reply_without_being_a_target()
    {
        ChatMessage[] messages = [User("2+2?"), Assistant("4") with { Reasoning = "Two and two." }];
        ChatMessage[] inline = [User("2+2?"), Assistant("<think>\nTwo and two.\n</think>\n\n4")];

        foreach (ChatMessage[] conversation in new[] { messages, inline })
        {
            TrainingExample written = Assert.Single(Encoder(vocabularies.Bpe, LastThoughtOnly).EncodeConversation(conversation));
            TrainingExample opened = Assert.Single(Encoder(vocabularies.Bpe, PromptOpensThought).EncodeConversation(conversation));

            foreach (TrainingExample row in new[] { written, opened })
            {
                Assert.EndsWith("assistant\n<think>\nTwo and two.\n</think>\n\n4<|im_end|>", vocabularies.Bpe.Detokenize(row.Tokens, special: true));
                Assert.Equal("4<|im_end|>", Targets(row, vocabularies.Bpe));
            }
        }
    }

    [Theory]
    [InlineData(LastThoughtOnly, "<think>\nTwo and two.\n</think>\n\n4<|im_end|>")]
    [InlineData(PromptOpensThought, "Two and two.\n</think>\n\n4<|im_end|>")]
    [InlineData(ChatTemplate.ChatMl, "<think>\nTwo and two.\n</think>\n\n4<|im_end|>")]
    public void Reasoning_is_a_target_when_asked_for(string source, string expected)
    {
        TrainingExample row = Assert.Single(Encoder(vocabularies.Bpe, source)
            .EncodeConversation([User("2+2?"), Assistant("4") with { Reasoning = "Two and two." }], trainReasoning: true));

        Assert.Equal(expected, Targets(row, vocabularies.Bpe));
    }

    [Theory]
    [InlineData(LastThoughtOnly)]
    [InlineData(PromptOpensThought)]
    public void Without_reasoning_an_opened_thought_is_closed_outside_the_targets(string source)
    {
        TrainingExample row = Assert.Single(Encoder(vocabularies.Bpe, source).EncodeConversation([User("<think>"), Assistant("4")], trainReasoning: true));

        Assert.Contains("<think>\n\n</think>\n\n4", vocabularies.Bpe.Detokenize(row.Tokens, special: true));
        Assert.Equal("4<|im_end|>", Targets(row, vocabularies.Bpe));
    }

    [Fact]
    public void What_a_user_writes_opens_no_thought()
    {
        TrainingExample row = Assert.Single(Encoder(vocabularies.Bpe, ChatTemplate.ChatMl).EncodeConversation([User("<think>"), Assistant("4")]));

        Assert.Equal("<|im_start|>user\n<think><|im_end|>\n<|im_start|>assistant\n4<|im_end|>", vocabularies.Bpe.Detokenize(row.Tokens, special: true));
    }

    [Fact]
    public void Tool_calls_are_targets_with_the_template_s_syntax_around_them()
    {
        const string Source =
            "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + (m.content or '') }}{% for c in m.tool_calls or [] %}<call>{{ c.function | tojson "
            + "}}</call>{% endfor %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
        ChatMessage[] messages = [User("Time?"), Calls(null, Call("clock", "{}")), ToolResult("12:00"), Assistant("Noon.")];

        TrainingExample row = Assert.Single(Encoder(vocabularies.Bpe, Source).EncodeConversation(messages));
        TrainingExample other = Encoder(vocabularies.Bpe, SystemInLastQuestion).EncodeConversation([Instructions("S"), .. messages[..2]])[0];

        Assert.Equal("""<call>{"name": "clock", "arguments": {}}</call><|im_end|>Noon.<|im_end|>""", Targets(row, vocabularies.Bpe));
        Assert.Equal("""<|user|>{"name": "clock", "arguments": {}}<|im_end|>""", Targets(other, vocabularies.Bpe));
    }

    [Fact]
    public void An_empty_reply_is_named_and_leaves_its_end_as_target()
    {
        foreach (string source in TemplateSources[..^1])
        {
            TrainingExample row = Assert.Single(Encoder(vocabularies.Bpe, source).EncodeConversation([Instructions("S"), User("a"), Assistant("")]));

            Assert.Equal([2], row.EmptyTurns);
            Assert.Equal("<|im_end|>", Targets(row, vocabularies.Bpe));
        }
        Assert.Empty(Encoder(vocabularies.Bpe, ChatTemplate.ChatMl).EncodeConversation(TwoTurns)[0].EmptyTurns);
    }

    [Theory]
    [InlineData(null, null, null, "1,3,5")]
    [InlineData(1, 0, null, "1,5")]
    [InlineData(0, null, null, "5")]
    [InlineData(null, 1, 0, "3")]
    [InlineData(0, 0, 0, "")]
    public void Weights_choose_the_replies(int? first, int? second, int? third, string turns)
    {
        ChatMessage[] messages = [User("a"), Assistant("1") with { Weight = first }, User("b"), Assistant("2") with { Weight = second }, User("c"), Assistant(
            "3") with { Weight = third }, User("d")];

        IReadOnlyList<TrainingExample> rows = Encoder(vocabularies.Bpe, ChatTemplate.ChatMl).EncodeConversation(messages);

        Assert.Equal(turns, string.Join(',', rows.SelectMany(row => row.Turns)));
    }

    [Fact]
    public void A_weight_that_is_not_allowed_is_refused_with_its_message()
    {
        ConversationEncoder encoder = Encoder(vocabularies.Bpe, ChatTemplate.ChatMl);

        Assert.Contains("Message 2 (assistant) has weight 2",
            Assert.Throws<ArgumentException>(() => encoder.EncodeConversation([User("a"), Assistant("b") with { Weight = 2 }])).Message);
        Assert.Contains("Message 1 (user) has weight 1",
            Assert.Throws<ArgumentException>(() => encoder.EncodeConversation([User("a") with { Weight = 1 }, Assistant("b")])).Message);
    }

    [Fact]
    public void A_model_without_a_template_gets_ChatML_and_a_warning()
    {
        ChatTemplate missing = ChatTemplate.OfModel(null, null, null);
        ChatTemplate present = ChatTemplate.OfModel("{{ messages[0].content }}", null, null);

        Assert.Contains("--chat-template-file", missing.Warning);
        Assert.Equal("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n", missing.Render([User("a")]).Text);
        Assert.Null(present.Warning);
    }

    private ConversationEncoder Encoder(Vocabulary vocabulary, string source) => vocabularies.Encoder(vocabulary, source);

    // Not Detokenize: for some vocabularies it drops the space before a full stop.
    private static string Pieces(int[] tokens, Vocabulary vocabulary) =>
        System.Text.Encoding.UTF8.GetString([.. tokens.SelectMany(token => vocabulary.PieceOf(token).ToArray())]);

    private static int[] Masked(TrainingExample row) => [.. row.Tokens.Where((_, i) => row.Mask[i])];

    private static string Targets(TrainingExample row, Vocabulary vocabulary) => vocabulary.Detokenize(Masked(row), special: true);

    private static IEnumerable<int[]> Split(TrainingExample row, int end)
    {
        var reply = new List<int>();
        foreach (int token in Masked(row))
        {
            if (token != end)
            {
                reply.Add(token);
                continue;
            }
            yield return [.. reply];
            reply.Clear();
        }
    }

    private static Gen<ChatMessage[]> Conversation() =>
        Gen.Choose(1, 4).SelectMany(
            turns => Gen.Elements("hello", " hello", "\n", "\n\n", " ", "a", "é", "🙂", "t", "12", ".", "x\ny").ListOf().Select(string.Concat).ListOf(turns))
            .Select(contents =>
                (ChatMessage[])[User("hello"), .. contents.SelectMany((content, i) => new[] { Assistant(content.Trim() + "."), User(content) })]);
}
