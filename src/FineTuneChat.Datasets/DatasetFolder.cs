using System.Text.RegularExpressions;

namespace FineTuneChat.Datasets;

/// <summary>
/// The files of a dataset: one file, or a folder as dataset hubs lay it, whose files say in their names what they are for (<c>train-00000-of-00002.parquet</c>,
/// <c>valid.jsonl</c>, <c>test.csv</c>), in it or in its folder <c>data</c>.
/// </summary>
/// <param name="Train">To learn from, in the order of their names; at least one.</param>
/// <param name="Validation">To measure with while learning.</param>
/// <param name="Test">To measure with at the end.</param>
public sealed partial record DatasetFolder(IReadOnlyList<string> Train, IReadOnlyList<string> Validation, IReadOnlyList<string> Test)
{
    private const int MostFiles = 1_000;
    private static readonly string[] Data = [".jsonl", ".json", ".ndjson", ".csv", ".tsv", ".xlsx", ".parquet"];

    /// <summary>All of them.</summary>
    public IEnumerable<string> All => [.. Train, .. Validation, .. Test];

    /// <summary>Looks at a file or a folder.</summary>
    /// <param name="path">Either.</param>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    /// <exception cref="InvalidDataException">A folder has no file of data, or several and none that is for learning.</exception>
    public static DatasetFolder Of(string path)
    {
        path = Path.GetFullPath(path);
        if (!Directory.Exists(path))
            return File.Exists(path) ? new([path], [], []) : throw new FileNotFoundException($"There is no file or folder {path}.", path);
        string[] files = [.. Files(path)];
        if (files.Length == 0 && Directory.Exists(Path.Combine(path, "data")))
            files = [.. Files(Path.Combine(path, "data"))];
        if (files.Length > MostFiles)
            throw new InvalidDataException($"{path} has {files.Length:N0} files of data; at most {MostFiles:N0} are read.");
        ILookup<string, string> sides = files.ToLookup(SideOf);
        string[] train = sides["train"].Any() ? [.. sides["train"]] : [.. sides[""]];
        if (files.Length == 0)
            throw new InvalidDataException($"{path} has no file of data ({string.Join(", ", Data)}, also packed as .gz).");
        if (train.Length == 0 || (!sides["train"].Any() && train.Length > 1))
            throw new InvalidDataException(
                $"{path}: no file has train in its name: {Names([.. files.Take(10)])}. Name the one to learn from, or rename it train.");
        return new(train, [.. sides["valid"]], [.. sides["test"]]);
    }

    /// <summary>Says which files are for what, where there are several.</summary>
    /// <param name="say">Receives a line.</param>
    public DatasetFolder Told(Action<string> say)
    {
        if (All.Count() > 1)
            say($"To learn from: {Names(Train)}. To measure with while learning: {Names(Validation)}. Not used, for a test: {Names(Test)}.");
        return this;
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder)
        .Where(file => Data.Contains(Path.GetExtension(Unpacked(file)).ToLowerInvariant())).Order(StringComparer.Ordinal);

    private static string Unpacked(string file) => file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;

    private static string SideOf(string file)
    {
        Match match = Side().Match(Path.GetFileName(file));
        return !match.Success ? "" : match.Value.ToLowerInvariant() switch
        {
            "train" or "training" => "train",
            "test" => "test",
            _ => "valid",
        };
    }

    private static string Names(IReadOnlyList<string> files) => files.Count == 0 ? "none" : string.Join(", ", files.Select(Path.GetFileName));

    [GeneratedRegex("(?<![a-z])(train|training|valid|validation|val|dev|eval|test)(?![a-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Side();
}
