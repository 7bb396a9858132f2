using System.Text.Json;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// What decides a run's result, by the names that its user gave it. A checkpoint keeps it, so that no run goes on from the checkpoint of another one.
/// </summary>
/// <param name="entries">Names, such as <c>--rank</c>, with their values; a file's value is from <see cref="FileContent"/>.</param>
internal sealed class RunIdentity(IReadOnlyDictionary<string, string> entries)
{
    /// <summary>
    /// To be raised whenever entries come, go or change their form: a checkpoint of an older program is then recognised as such, and not taken for one of
    /// another run.
    /// </summary>
    public const int Format = 3;

    private const string FormatName = "format", FilePrefix = "sha256:";

    public IReadOnlyDictionary<string, string> Entries => entries;

    /// <summary>The value of a file: null = none was given.</summary>
    public static string FileContent(string? sha256) => FilePrefix + sha256;

    /// <summary>As a checkpoint keeps it.</summary>
    public string ToText() => JsonSerializer.Serialize(entries.Append(new(FormatName, $"{Format}")).ToDictionary());

    /// <summary>Null: it is of another version of the program.</summary>
    public static RunIdentity? Parse(string? text)
    {
        try
        {
            var read = JsonSerializer.Deserialize<Dictionary<string, string>>(text ?? "{}");
            return read is not null && read.Remove(FormatName, out string? format) && format == $"{Format}" ? new(read) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A clause for each entry that is another one now: "--rank was 16 and is 8".</summary>
    public IReadOnlyList<string> ChangesSince(RunIdentity earlier) =>
    [
        .. entries.Keys.Union(earlier.Entries.Keys)
            .Select(name => Change(name, earlier.Entries.GetValueOrDefault(name), entries.GetValueOrDefault(name))).OfType<string>(),
    ];

    /// <summary>An entry that is not there is a file that is not given, or an option without a meaning.</summary>
    private static string? Change(string name, string? before, string? now)
    {
        string absent = (before ?? now!).StartsWith(FilePrefix, StringComparison.Ordinal) ? FilePrefix : "not given";
        (before, now) = (before ?? absent, now ?? absent);
        if (before == now)
            return null;
        if (!now.StartsWith(FilePrefix, StringComparison.Ordinal))
            return $"{name} was {before} and is {now}";
        return before == FilePrefix ? $"{name} was not given" : now == FilePrefix ? $"{name} is missing" : $"the content of {name} has changed";
    }
}
