using System.Reflection;
using System.Text.Json;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Making;

/// <summary>Values of options that are all tried, each with each: <c>learning_rate=1e-4,3e-4,rank=8,16</c> are four trials.</summary>
/// <param name="Trials">The combinations, in the order of the values.</param>
internal sealed record Sweep(IReadOnlyList<SweepTrial> Trials)
{
    private const int MostTrials = 64;

    /// <summary>Reads names with their values; an equals sign begins the next option.</summary>
    /// <param name="text">As on the command line.</param>
    /// <exception cref="FormatException">The message says what is wrong and what is allowed.</exception>
    public static Sweep Parse(string text)
    {
        var options = new List<(PropertyInfo Property, List<string> Values)>();
        foreach (string part in text.Split([',', ' ', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split('=', 2);
            if (pair.Length == 2)
                options.Add((Find(pair[0].Trim()), []));
            if (options.Count == 0)
                throw new FormatException($"'{part}' belongs to no option; write for example learning_rate=1e-4,3e-4,rank=8,16.");
            (PropertyInfo property, List<string> values) = options[^1];
            if (Settings.Fault(property, pair[^1], isZeroOpen: false) is { } fault)
                throw new FormatException($"{NameOf(property)} is '{pair[^1]}', but it {fault}.");
            values.Add(pair[^1]);
        }
        if (options.GroupBy(o => o.Property.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new FormatException($"{twice.Key} stands there twice.");
        IEnumerable<SweepTrial> trials = options.Aggregate(
            (IEnumerable<SweepTrial>)[new SweepTrial([])],
            (before, option) => before.SelectMany(trial => option.Values.Select(value => new SweepTrial([.. trial.Values, new(option.Property.Name, value)]))));
        SweepTrial[] all = [.. trials];
        return options.Count == 0 || all.Length > MostTrials
            ? throw new FormatException($"it makes {(options.Count == 0 ? 0 : all.Length)} trials; 1 to {MostTrials} are allowed.")
            : new(all);
    }

    /// <summary>By its name here, or as the command line has it.</summary>
    private static PropertyInfo Find(string name)
    {
        IReadOnlyList<OptionEntry> all = OptionTable.Of<RunOptions>();
        string plain = name.TrimStart('-');
        return all.FirstOrDefault(o => NameOf(o.Property) == plain.Replace('-', '_') || o.Option.Flag == $"--{plain}")?.Property
            ?? throw new FormatException($"'{name}' is no option of a run. There are {string.Join(", ", all.Select(o => NameOf(o.Property)))}.");
    }

    internal static string NameOf(PropertyInfo property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
}

/// <summary>One combination.</summary>
/// <param name="Values">By the names of the properties of <see cref="RunOptions"/>.</param>
internal sealed record SweepTrial(IReadOnlyList<KeyValuePair<string, string>> Values)
{
    public string Title => string.Join(", ", Values.Select(v => $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(v.Key)} {v.Value}"));

    /// <summary>Its options, and those of the run where it says nothing.</summary>
    public RunOptions Over(RunOptions options)
    {
        RunOptions own = new ConfigurationBuilder().AddInMemoryCollection(Values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build()
            .Get<RunOptions>() ?? new();
        return own.Complete(options);
    }
}
