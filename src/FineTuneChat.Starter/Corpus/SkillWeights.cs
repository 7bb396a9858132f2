using FineTuneChat.Starter.Corpus.Skills;

namespace FineTuneChat.Starter.Corpus;

/// <summary>Which skills the corpus has and how often each is drawn; the numbers are shares of exchanges, not of tokens.</summary>
internal static class SkillWeights
{
    public static IReadOnlyList<(ISkill Item, double Weight)> All { get; } =
    [
        // Worked out, not remembered: needs many examples of every carry.
        (new ArithmeticSkill(), 0.17),
        (new ComparisonSkill(), 0.035),
        (new CountingSkill(), 0.06),
        // What makes the starter teachable: every token written, wording that does not matter, copying letter by letter.
        (new RepeatSkill(), 0.13),
        (new UnknownSkill(), 0.1),
        (new ContextSkill(), 0.1),
        (new TaughtSkill(), 0.08),
        (new RewordSkill(), 0.08),
        (new DirectorySkill(), 0.05),
        (new SheetSkill("dont_know"), 0.06),
        // Copying into a form.
        (new FormSkill(), 0.11),
        (new ReportSkill(), 0.14),
        (new SheetSkill("extraction"), 0.03),
        (new SheetSkill("code"), 0.025),
        (new SheetSkill("tone"), 0.045),
        (new SheetSkill("classification"), 0.03),
        // Facts to remember: a model of this size wants some eighty sights of each in each language and direction.
        (new SheetSkill("capitals"), 0.07),
        (new SheetSkill("translation"), 0.075),
        (new SheetSkill("yes_no"), 0.08),
        (new SheetSkill("opposites"), 0.03),
        (new SheetSkill("calendar"), 0.025),
        (new SheetSkill("number_words"), 0.025),
        (new SheetSkill("plurals"), 0.015),
        (new SheetSkill("animals"), 0.015),
        (new SheetSkill("currencies"), 0.015),
        (new SheetSkill("elements"), 0.02),
        (new SheetSkill("colours"), 0.01),
        (new ListSkill(), 0.04),
        // Few sentences, said often enough.
        (new SheetSkill("greetings"), 0.035),
        (new SheetSkill("identity"), 0.035),
    ];
}
