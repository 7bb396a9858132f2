using System.Globalization;
using System.Text;
using FineTuneChat.Starter.Corpus;

namespace FineTuneChat.Starter;

/// <summary>What a model replied to an exam question.</summary>
internal sealed record ExamReply(ExamQuestion Question, string Reply)
{
    /// <summary>Letter for letter, but for white space around.</summary>
    public bool IsExact => Reply.Trim() == Question.Expected;
}

/// <summary>How many held-out questions of one skill were answered exactly.</summary>
/// <param name="Skill">Its name.</param>
/// <param name="Asked">Questions.</param>
/// <param name="Exact">Replies that were right, letter for letter.</param>
public sealed record SkillScore(string Skill, int Asked, int Exact)
{
    /// <summary>0 to 1.</summary>
    public double Share => Asked == 0 ? 0 : (double)Exact / Asked;
}

/// <summary>The exam's result: a table for <c>models/starter/</c>, and the misses to learn from.</summary>
public sealed class SkillReport
{
    private readonly IReadOnlyList<ExamReply> _replies;

    internal SkillReport(IReadOnlyList<ExamReply> replies)
    {
        _replies = replies;
        Scores = [.. replies.GroupBy(r => r.Question.Skill).Select(g => new SkillScore(g.Key, g.Count(), g.Count(r => r.IsExact)))];
        Overall = new SkillScore("overall", replies.Count, replies.Count(r => r.IsExact));
    }

    /// <summary>One score per skill, in the order of the exam.</summary>
    public IReadOnlyList<SkillScore> Scores { get; }

    /// <summary>All questions together; every question counts the same.</summary>
    public SkillScore Overall { get; }

    /// <summary>A table with one line per skill and the total last.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("| skill | held-out questions | exact | share |\n|---|---:|---:|---:|\n");
        foreach (var score in Scores) Line(score.Skill, score);
        Line("**overall**", Overall);
        return text.ToString();

        void Line(string name, SkillScore score) =>
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {score.Asked} | {score.Exact} | {score.Share * 100:F1} % |\n");
    }

    /// <summary>Up to <paramref name="perSkill"/> wrong replies of each skill: question, what was expected, what came.</summary>
    public string Misses(int perSkill)
    {
        var text = new StringBuilder();
        foreach (var miss in _replies.Where(r => !r.IsExact).GroupBy(r => r.Question.Skill).SelectMany(g => g.Take(perSkill)))
        {
            text.Append($"{miss.Question.Skill}: {miss.Question.Prompt[^1].Content}\n  expected {miss.Question.Expected}\n");
            text.Append($"  got      {miss.Reply.ReplaceLineEndings("⏎")}\n");
        }


        return text.ToString();
    }
}
