using System.CommandLine;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Cli;

/// <summary>What a user may say of a dataset file, as options of each verb that reads one; and what the file says in return, on stderr.</summary>
internal sealed class DatasetOptionSet
{
    private readonly Option<string?> _map = new("--map")
    {
        HelpName = "prompt=A,reply=B",
        Description = $"Which column is what, where their names do not say it (of {ColumnMap.Allowed}); #1 is the first column of a table without names",
    };

    private readonly Option<string?> _as = new("--as")
    {
        HelpName = "NAME",
        Description = "In a chat between people (WhatsApp): whose messages are the replies",
    };

    private readonly Option<string?> _encoding = new("--encoding") { HelpName = "NAME", Description = "The text's encoding, where it is detected wrongly" };

    private readonly Option<bool> _chosen = new("--chosen")
    {
        Description = "Take the better reply of preference rows (chosen and rejected, or a label) as an example",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_map, _as, _encoding, _chosen])
            command.Options.Add(option);
        _map.Validators.Add(given =>
        {
            try
            {
                ColumnMap.Parse(given.GetValueOrDefault<string?>() ?? "");
            }
            catch (FormatException e)
            {
                given.AddError($"--map: {e.Message}");
            }
        });
    }

    public DatasetOptions Read(ParseResult parsed) => new()
    {
        Map = parsed.GetValue(_map) is { } map ? ColumnMap.Parse(map) : null,
        As = parsed.GetValue(_as),
        Encoding = parsed.GetValue(_encoding),
        TakesChosen = parsed.GetValue(_chosen),
    };

    /// <summary>The same as it was given: what decides how a file is read.</summary>
    public string Text(ParseResult parsed) => string.Join(' ',
        ((string?[])[parsed.GetValue(_map), parsed.GetValue(_as), parsed.GetValue(_encoding), parsed.GetValue(_chosen) ? _chosen.Name : null])
        .Where(text => text is not null));

    /// <summary>What was noticed in a file, a line each.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="report">What reading it has found out.</param>
    /// <param name="quotes">Whether texts of it may be shown: not in a run, whose words go to a log.</param>
    public static void Tell(string file, DatasetReport report, bool quotes)
    {
        foreach (DatasetNotice notice in report.Notices)
            Console.Error.WriteLine($"{file}: {notice.Text}{Where(notice, report.Unit, quotes)}");
    }

    private static string Where(DatasetNotice notice, string unit, bool quotes)
    {
        if (notice.Count == 0)
            return ".";
        bool isDetailed = quotes && notice.Details.Count > 0;
        string[] places = isDetailed ? [.. notice.Details] : [.. notice.Rows.Take(10).Select(row => $"{row}")];
        string all = string.Join(isDetailed ? "; " : ", ", places);
        return $" ({notice.Count} {unit}{(notice.Count == 1 ? "" : "s")}: {all}{(notice.Count > places.Length ? " …" : "")}).";
    }
}
