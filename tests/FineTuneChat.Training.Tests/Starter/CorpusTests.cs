using System.Text.Json;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.Starter.Corpus.Skills;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Training.Tests.Starter;

public sealed class CorpusTests
{
    /// <summary>Skills that copy what stands there, in whatever script: nothing can be said of their marks.</summary>
    private static readonly HashSet<string> Copying = ["repeat", "taught", "form", "code"];

    /// <summary>Skills whose answer stands in the conversation: what is put aside is question and facts together.</summary>
    private static readonly HashSet<string> FromContext = ["context", "taught", "report"];

    [Fact]
    public void Equal_seeds_give_equal_conversations_and_other_seeds_others()
    {
        Assert.Equal(Render(7), Render(7));
        Assert.NotEqual(Render(7), Render(8));

        static string Render(ulong seed) =>
            string.Join('\n', CorpusGenerator.Generate(seed).Take(200).SelectMany(c => c.Messages).Select(m => $"{m.Role}: {m.Content}"));
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Nothing_that_the_exam_asks_occurs_in_training()
    {
        var exam = SkillExam.Questions(60, seed: 11).ToLookup(q => HeldOut.Normalised(q.Prompt[^1].Content!));
        foreach (var conversation in CorpusGenerator.Generate(3).Take(30_000 * Scale.Factor))
        {
            for (var i = 0; i + 1 < conversation.Messages.Count; i++)
            {
                if (conversation.Messages[i].Role != ChatRole.User) continue;
                var text = HeldOut.Normalised(conversation.Messages[i].Content!);
                Assert.DoesNotContain(exam[text], q => !FromContext.Contains(q.Skill) && q.Expected == conversation.Messages[i + 1].Content);
            }
        }
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Every_skill_has_held_out_questions_in_both_languages()
    {
        foreach (var (skill, _) in SkillWeights.All)
            foreach (var language in Enum.GetValues<Language>())
            {
                var random = new CorpusRandom(1);
                var drawn = Enumerable.Range(0, 3_000).Select(_ => skill.Draw(random, language)).DistinctBy(s => s.Key).ToArray();
                Assert.True(drawn.Count(s => HeldOut.Contains(skill.Name, s)) is > 0, $"{skill.Name} {language}");
            }
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Exam_questions_are_unique_and_end_with_the_user()
    {
        var questions = SkillExam.Questions(40, seed: 1);
        Assert.Equal(questions.Count, questions.Select(q => string.Join('\n', q.Prompt.Select(m => m.Content))).Distinct().Count());
        Assert.All(questions, q => Assert.Equal(ChatRole.User, q.Prompt[^1].Role));
        Assert.All(questions, q => Assert.NotEmpty(q.Expected));
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void One_question_has_one_answer()
    {
        // Without context: what was asked decides the answer, however often it is drawn.
        foreach (var (skill, _) in SkillWeights.All.Where(s => !FromContext.Contains(s.Item.Name)))
        {
            var random = new CorpusRandom(2);
            var answers = Enumerable.Range(0, 4_000).Select(i => skill.Draw(random, i % 2 == 0 ? Language.En : Language.Es)).Select(s => s.Exchanges[0])
                .Distinct().GroupBy(e => e.User);
            Assert.All(answers, a => Assert.True(a.Count() == 1, $"{skill.Name}: {string.Join(" / ", a)}"));
        }
    }

    [Fact]
    public void Every_question_type_has_at_least_eight_wordings_and_all_differ()
    {
        foreach (var block in Resources.SheetNames.SelectMany(Sheet.Read))
        {
            Assert.True(block.Questions.Count >= 8, $"{block.Language} {block.Name}: {block.Questions.Count}");
            Assert.Equal(block.Questions.Count, block.Questions.Distinct().Count());
        }
        foreach (var attribute in AttributeFacts.All)
            foreach (var (language, forms) in attribute.Forms)
            {
                Assert.True(forms.Questions.Count >= 8, $"{attribute.Name} {language}: {forms.Questions.Count}");
                Assert.Equal(forms.Questions.Count, forms.Questions.Distinct().Count());
                Assert.Contains("{v}", forms.Fact);
                Assert.Contains("{e}", forms.Unknown);
            }
    }

    [Fact]
    public void Every_sheet_is_a_skill_and_every_attribute_speaks_both_languages()
    {
        Assert.Equal(Resources.SheetNames, SkillWeights.All.Select(s => s.Item).OfType<SheetSkill>().Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.All(AttributeFacts.All, a => Assert.Equal(2, a.Forms.Count));
    }

    [Theory]
    [InlineData("countries", "en")]
    [InlineData("countries", "es")]
    [InlineData("countries", "capital_en")]
    [InlineData("words", "en")]
    [InlineData("words", "es")]
    [InlineData("opposites", "en")]
    [InlineData("opposites", "es")]
    [InlineData("plurals", "en")]
    [InlineData("plurals", "es")]
    [InlineData("elements", "symbol")]
    [InlineData("number_words", "number")]
    [InlineData("animals", "en")]
    [InlineData("currencies", "en")]
    [InlineData("lists", "en")]
    public void A_key_occurs_once_in_its_table(string table, string column)
    {
        var keys = Table.Get(table).Column(column);
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void Arithmetic_is_right_and_covers_every_carry()
    {
        var random = new CorpusRandom(4);
        var carries = new HashSet<(int, int)>();
        foreach (var exchange in Enumerable.Range(0, 20_000).Select(_ => new ArithmeticSkill().Draw(random, Language.En).Exchanges[0]))
        {
            foreach (var parts in exchange.Answer.TrimEnd('.').Split(". ").Select(p => p.Split(' ')))
            {
                var (a, b, c) = (int.Parse(parts[0]), int.Parse(parts[2]), int.Parse(parts[4]));
                Assert.Equal(parts[1] switch { "+" => a + b, "-" => a - b, _ => a * b }, c);
                Assert.InRange(c, 0, 100);
                if (parts[1] == "+") carries.Add((a % 10, b % 10));
            }
        }
        Assert.Equal(100, carries.Count);
    }

    [Fact]
    public void Several_problems_at_once_hold_none_that_is_examined()
    {
        var skill = new ArithmeticSkill();
        var random = new CorpusRandom(9);
        var problems = Enumerable.Range(0, 20_000).Select(_ => skill.Draw(random, Language.En)).Where(s => s.Key is null)
            .SelectMany(s => s.Exchanges[0].Answer.TrimEnd('.').Split(". ")).Select(p => p.Split(' ')).Where(p => p[1] != "×");
        Assert.DoesNotContain(problems, p => HeldOut.Contains(skill.Name, $"{p[0]}{p[1]}{p[2]}"));
    }

    [Fact]
    public void A_report_says_what_its_form_has_and_nothing_is_made_up()
    {
        var random = new CorpusRandom(8);
        foreach (var exchange in Enumerable.Range(0, 2_000).SelectMany(i => new ReportSkill().Draw(random, (Language)(i % 2)).Exchanges))
        {
            var form = JsonElement.Parse(exchange.Answer);
            Assert.Equal(JsonValueKind.Object, form.ValueKind);
            Assert.All(Values(form), value => Assert.Contains(value, exchange.User, StringComparison.OrdinalIgnoreCase)); // a sentence may begin with it
        }

        static IEnumerable<string> Values(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Values(p.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Values),
            JsonValueKind.Null => [],
            _ => [element.ToString()],
        };
    }

    [Fact]
    public void Every_field_of_reports_is_told_in_many_ways_in_both_languages()
    {
        var random = new CorpusRandom(9);
        foreach (var field in ReportField.All)
            foreach (var language in Enum.GetValues<Language>())
            {
                var told = Enumerable.Range(0, 400).SelectMany(_ => field.Draw(random, language, ("id", "hours")).Told.Select(t => t.Split(' ')[0]));
                Assert.True(told.Distinct().Count() >= 6, $"{field.Name} {language}");
            }
    }

    [Fact]
    public void A_conversation_alternates_and_ends_with_the_assistant()
    {
        foreach (var conversation in CorpusGenerator.Generate(5).Take(2_000))
        {
            var turns = conversation.Messages.SkipWhile(m => m.Role == ChatRole.System).ToArray();
            Assert.All(turns.Select((m, i) => (m, i)), t => Assert.Equal(t.i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, t.m.Role));
            Assert.Equal(ChatRole.Assistant, turns[^1].Role);
        }
    }

    [Fact]
    public void Nothing_is_left_of_a_template()
    {
        foreach (var (skill, _) in SkillWeights.All.Where(s => !Copying.Contains(s.Item.Name)))
        {
            var random = new CorpusRandom(5);
            foreach (var exchange in Enumerable.Range(0, 500).SelectMany(i => skill.Draw(random, (Language)(i % 2)).Exchanges))
            {
                Assert.DoesNotContain("{", exchange.User); // answers may be JSON
                Assert.DoesNotContain("  ", exchange.User + exchange.Answer);
            }
        }
    }

    [Fact]
    public void Spanish_questions_open_and_close_their_marks()
    {
        foreach (var (skill, _) in SkillWeights.All.Where(s => !Copying.Contains(s.Item.Name)))
        {
            var random = new CorpusRandom(6);
            foreach (var exchange in Enumerable.Range(0, 500).SelectMany(_ => skill.Draw(random, Language.Es).Exchanges))
            {
                Assert.Equal(exchange.Answer.Count(c => c == '¿'), exchange.Answer.Count(c => c == '?'));
                Assert.Equal(exchange.User.Count(c => c == '¿'), exchange.User.Count(c => c == '?'));
                Assert.DoesNotContain(" de el ", exchange.User);
                Assert.DoesNotContain(" a el ", exchange.Answer);
            }
        }
    }
}
