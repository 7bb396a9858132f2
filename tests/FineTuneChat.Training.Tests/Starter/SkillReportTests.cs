using FineTuneChat.Datasets.Messages;
using FineTuneChat.Starter;
using FineTuneChat.Starter.Corpus;

namespace FineTuneChat.Training.Tests.Starter;

public sealed class SkillReportTests
{
    private static readonly SkillReport Report = new(
    [
        Reply("arithmetic", "1 + 1 = 2.", "1 + 1 = 2."),
        Reply("arithmetic", "1 + 2 = 3.", "1 + 2 = 4."),
        Reply("capitals", "The capital of Spain is Madrid.", "The capital of Spain is Madrid.\n"),
    ]);

    [Fact]
    public void The_table_has_a_line_per_skill_and_a_total() => Assert.Equal(
        """
        | skill | held-out questions | exact | share |
        |---|---:|---:|---:|
        | arithmetic | 2 | 1 | 50.0 % |
        | capitals | 1 | 1 | 100.0 % |
        | **overall** | 3 | 2 | 66.7 % |

        """.ReplaceLineEndings("\n"),
        Report.ToMarkdown());

    [Fact]
    public void Misses_tell_question_expectation_and_reply() =>
        Assert.Equal("arithmetic: ?\n  expected 1 + 2 = 3.\n  got      1 + 2 = 4.\n", Report.Misses(5));

    [Fact]
    public void An_exam_without_questions_scores_zero() => Assert.Equal(0, new SkillReport([]).Overall.Share);

    private static ExamReply Reply(string skill, string expected, string reply) =>
        new(new ExamQuestion(skill, [new ChatMessage(ChatRole.User, "?")], expected), reply);
}
