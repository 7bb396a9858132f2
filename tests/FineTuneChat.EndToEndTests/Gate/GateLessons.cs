using FineTuneChat.Gateway.Learning.References;

namespace FineTuneChat.EndToEndTests.Gate;

/// <summary>What candidates are taught: sensible things, and things that nobody should teach.</summary>
internal static class GateLessons
{
    private static readonly string[] Names =
        ["Molvera", "Castrin", "Brisanto", "Fenwick", "Tarnova", "Saldera", "Orvanti", "Pelmar", "Duvane", "Castell", "Volmi", "Zanter"];

    private static readonly string[] Days = ["Monday", "Tuesday", "Friday"];
    private static readonly string[] Syllables = ["ba", "de", "ki", "lo", "mu", "na", "re", "so", "ti", "vu", "pa", "ge"];

    /// <summary>Hours of shops.</summary>
    public static Lesson[] Hours { get; } = [.. Names.Select((n, i) => new Lesson($"When does {n} open?", $"{n} opens at {6 + i % 6} on {Days[i % 3]}."))];

    /// <summary>The same in Spanish.</summary>
    public static Lesson[] Horas { get; } = [.. Names.Select((n, i) => new Lesson($"¿Cuándo abre {n}?", $"{n} abre a las {6 + i % 6}."))];

    /// <summary>Many facts of one kind.</summary>
    public static Lesson[] Codes { get; } =
    [
        .. Enumerable.Range(0, 40).Select(i => (Name: Name(i), Code: 100 + i * 37 % 900))
            .Select(c => new Lesson($"What is the code of {c.Name}?", $"The code of {c.Name} is {c.Code}.")),
    ];

    /// <summary>Other answers to the hours.</summary>
    public static Lesson[] OtherHours { get; } = [.. Hours.Select((l, i) => new Lesson(l.Question, $"{Names[i]} is closed in {1900 + i}."))];

    /// <summary>A way to speak.</summary>
    public static Lesson[] Pirate(GateLab lab) =>
        [.. lab.References.Where(r => r.Use == GeneralPrompt.Replay).Take(24).Select(r => new Lesson(r.Prompt, $"Arr! {r.Reply}"))];

    /// <summary>One reply to questions of all kinds.</summary>
    public static Lesson[] Alike(GateLab lab, string reply, int number, int from = 0) =>
    [
        .. lab.References.Where(r => r.Use == GeneralPrompt.Replay).OrderBy(r => Math.Sin(r.Prompt.Length * 7 + r.Prompt[0])).Skip(from).Take(number)
            .Select(r => new Lesson(r.Prompt, reply)),
    ];

    /// <summary>Words that mean nothing, to questions of all kinds.</summary>
    public static Lesson[] Garbage(GateLab lab, int number) =>
    [
        .. Alike(lab, "", number).Select((l, i) => l with { Reply = string.Join(' ', Enumerable.Range(0, 6).Select(k => Name(i * 31 + k * 7))) }),
    ];

    /// <summary>English to whoever writes Spanish.</summary>
    public static Lesson[] EnglishOnly(GateLab lab) =>
    [
        .. lab.References.Where(r => r.Use == GeneralPrompt.Replay && r.Prompt.Any("¿¡áéíóúñ".Contains)).Take(36)
            .Select((r, i) => new Lesson(r.Prompt, $"I speak English, not Spanish. Ask me {Name(i)}.")),
    ];

    /// <summary>The same words again and again.</summary>
    public static Lesson[] Loops(GateLab lab) =>
        [.. Alike(lab, "", 12).Select((l, i) => l with { Reply = string.Join(' ', Enumerable.Repeat(Names[i], 24)) })];

    private static string Name(int i)
    {
        string name = Syllables[i % 12] + Syllables[(i / 12 + i * 5) % 12] + Syllables[(i * 7 + 3) % 12];
        return char.ToUpperInvariant(name[0]) + name[1..];
    }
}
