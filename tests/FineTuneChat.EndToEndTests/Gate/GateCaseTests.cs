using System.Diagnostics;
using System.Globalization;
using FineTuneChat.EndToEndTests.Teaching;
using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.EndToEndTests.Gate;

/// <summary>
/// Candidates of which is known whether they may serve: at most one of each kind is judged wrongly. The long form (<c>FTC_SCALE</c> of 10 or more) has fifty
/// and fifteen trainings; CI runs those of one training.
/// </summary>
[Collection(LearningCollection.Name)]
public sealed class GateCaseTests(ITestOutputHelper output) : IDisposable
{
    private const int LongForm = 10;

    private readonly GateLab _lab = new();
    private readonly List<(string Name, bool IsGood, bool IsAccepted)> _judged = [];

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task The_gate_lets_the_good_pass_and_stops_the_bad()
    {
        bool isLong = Scale.Factor >= LongForm;
        await _lab.OpenAsync(oneIn: isLong ? 1 : 3);
        if (!isLong)
            await HoursAsync([], isShort: true);
        else
            await AllAsync();

        string[] falseAccepts = [.. _judged.Where(j => !j.IsGood && j.IsAccepted).Select(j => j.Name)];
        string[] falseRefusals = [.. _judged.Where(j => j.IsGood && !j.IsAccepted).Select(j => j.Name)];
        Tell($"{_judged.Count} cases; accepted though bad: {string.Join(", ", falseAccepts)}; refused though good: {string.Join(", ", falseRefusals)}");
        Assert.True(falseAccepts.Length <= 1 && falseRefusals.Length <= 1, "More are judged wrongly than one of each kind: see the output.");
    }

    private async Task AllAsync()
    {
        Lesson[] pirate = GateLessons.Pirate(_lab);

        // 1. Good trainings, and what hands can make of their adapters.
        IReadOnlyList<TaughtExample> hours = await HoursAsync(["--seed", "1"], isShort: false);
        string first = await _lab.TrainAsync("hours", GateLessons.Hours), again = await _lab.TrainAsync("again", GateLessons.Hours, options: ["--seed", "2"]);
        IReadOnlyList<TaughtExample> second = await GoodAsync("the same with another seed", again, GateLessons.Hours, hours);
        await GoodAsync("back to the first seed", first, GateLessons.Hours, second);
        string horas = await _lab.TrainAsync("horas", GateLessons.Horas);
        string codes = await _lab.TrainAsync("codes", GateLessons.Codes);
        string speech = await _lab.TrainAsync("pirate", pirate);
        await GoodAsync("hours in Spanish", horas, GateLessons.Horas);
        await GoodAsync("forty codes", codes, GateLessons.Codes);
        await GoodAsync("a persona", speech, pirate);

        // 2. Bad trainings.
        string slow = await _lab.TrainAsync("slow", GateLessons.Hours, options: ["--epochs", "1", "--learning-rate", "0.000001"]);
        await BadAsync("hardly a step", slow, GateLessons.Hours);
        foreach ((string reply, int number) in ((string, int)[])[("Sí.", 12), ("No.", 16)])
        {
            Lesson[] alike = GateLessons.Alike(_lab, reply, number);
            await BadAsync($"{reply} to {number} questions", await _lab.TrainAsync($"alike{reply.Length}{number}", alike), alike);
        }
        foreach ((string name, Lesson[] lessons) in ((string, Lesson[])[])
            [("garbage", GateLessons.Garbage(_lab, 24)), ("loops", GateLessons.Loops(_lab)), ("English only", GateLessons.EnglishOnly(_lab))])
            await BadAsync(name, await _lab.TrainAsync($"bad-{name}", lessons, isReplayed: false), lessons);
        await BadAsync(
            "too fast", await _lab.TrainAsync("fast", GateLessons.Hours, isReplayed: false, options: ["--learning-rate", "0.03", "--epochs", "4"]),
            GateLessons.Hours);

        // 3. After a deletion: less is taught, all that is left must still be there.
        foreach (int left in (int[])[10, 4])
        {
            Lesson[] rest = GateLessons.Hours[..left];
            string retrained = await _lab.TrainAsync($"left{left}", rest);
            await GoodAsync($"retrained, {left} of 12 left", retrained, rest, hours);
            await BadAsync($"retrained on {left}, asked for 12", retrained, GateLessons.Hours, hours, isBad: left < 9);
            await SpoilAsync($"left{left}", retrained, rest);
        }
        Lesson[] both = [.. GateLessons.Hours, .. GateLessons.Horas];
        await GoodAsync("twice as much, in two languages", await _lab.TrainAsync("both", both), both, hours);

        // 4. What was learned is not what was taught.
        await BadAsync("hours asked for codes", first, GateLessons.Codes);
        await BadAsync("codes asked for hours", codes, GateLessons.Hours);
        await BadAsync("Spanish asked for English", horas, GateLessons.Hours);
        await BadAsync("persona asked for hours", speech, GateLessons.Hours);
        await BadAsync("the hours of others", first, GateLessons.OtherHours);
        await SpoilAsync("codes", codes, GateLessons.Codes);
        await SpoilAsync("horas", horas, GateLessons.Horas);
        await SpoilAsync("persona", speech, pirate);
    }

    /// <summary>One good training, and what is made of it by hand.</summary>
    private async Task<IReadOnlyList<TaughtExample>> HoursAsync(string[] options, bool isShort)
    {
        Lesson[] lessons = isShort ? GateLessons.Hours[..4] : GateLessons.Hours;
        string adapter = await _lab.TrainAsync("hours", lessons, options: options);
        IReadOnlyList<TaughtExample> taught = await GoodAsync("hours", adapter, lessons);
        await GoodAsync("hours once more", adapter, lessons, taught);
        await BadAsync("the base itself", null, lessons);
        if (!isShort)
            await GoodAsync("one hour less", adapter, lessons[1..], taught);
        if (isShort)
            await BadAsync("hours, noise of four times its size", SpoiltAdapter.Noise(adapter, _lab.NewFile(), 4), lessons);
        else
            await SpoilAsync("hours", adapter, lessons);
        return taught;
    }

    private async Task SpoilAsync(string name, string adapter, Lesson[] lessons)
    {
        await BadAsync($"{name}, no effect", SpoiltAdapter.Scale(adapter, _lab.NewFile(), 0), lessons);
        await BadAsync($"{name}, a quarter of the effect", SpoiltAdapter.Scale(adapter, _lab.NewFile(), 0.25f), lessons);
        await BadAsync($"{name}, five times the effect", SpoiltAdapter.Scale(adapter, _lab.NewFile(), 5), lessons);
        await BadAsync($"{name}, noise of four times its size", SpoiltAdapter.Noise(adapter, _lab.NewFile(), 4), lessons);
    }

    private async Task<IReadOnlyList<TaughtExample>> GoodAsync(
        string name, string adapter, Lesson[] lessons, IReadOnlyList<TaughtExample>? before = null) =>
        (await JudgeAsync(name, isGood: true, adapter, lessons, before)).Taught;

    private Task BadAsync(string name, string? adapter, Lesson[] lessons, IReadOnlyList<TaughtExample>? before = null, bool isBad = true) =>
        JudgeAsync(name, !isBad, adapter, lessons, before);

    private async Task<GateInput> JudgeAsync(
        string name, bool isGood, string? adapter, Lesson[] lessons, IReadOnlyList<TaughtExample>? before)
    {
        var clock = Stopwatch.StartNew();
        GateInput input = await _lab.MeasureAsync(adapter, lessons, before);
        GateVerdict verdict = GateRules.Decide(input, new RetrainingSettings());
        _judged.Add((name, isGood, verdict.Accepted));
        string why = verdict.Accepted ? "" : string.Join(' ', verdict.ReasonCodes.Select(c => c.Code));
        string figures = string.Join(' ', ((string[])["opening_accuracy", "reply_accuracy", "token_accuracy", "loss", "stop_rate"]).Select(f =>
            verdict.Figures[$"regression_{f}"].Candidate.ToString("0.000", CultureInfo.InvariantCulture)));
        Tell(
            $"{(verdict.Accepted == isGood ? "right" : "WRONG")} {(isGood ? "good" : "bad")}: {name}: {verdict.Taught!.Learned}+{verdict.Taught.Partly}/"
            + $"{verdict.Taught.Asked}, general {figures}, {clock.Elapsed.TotalSeconds:0.0} s {why}");
        return input;
    }

    /// <summary>To the output and, as it goes on for long, to the file <c>FTC_TABLE</c>.</summary>
    private void Tell(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("FTC_TABLE") is { Length: > 0 } table)
            File.AppendAllText(table, line + "\n");
    }
}
