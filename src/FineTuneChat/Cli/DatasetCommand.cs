using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;

namespace FineTuneChat.Cli;

/// <summary><c>dataset</c>: accepted examples out, dataset files in.</summary>
internal static class DatasetCommand
{
    public static Command Create() => new("dataset", "What the assistant learns from: export it, import files, check files.") { Export(), Import(), Check() };

    private static Command Export()
    {
        var target = new Option<FileInfo>("--out") { Description = "The file to write", DefaultValueFactory = _ => new FileInfo("dataset.jsonl") };
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command("export", "Writes the accepted examples as JSON lines in OpenAI's fine-tuning format.") { target, data };
        command.SetAction(async (parsed, _) =>
        {
            FileInfo file = parsed.GetRequiredValue(target);
            if (file.Exists)
                throw new UserException($"{file.FullName} is there already. Choose another name with --out FILE.");
            await using Database database = DataAccess.Open(parsed.GetValue(data));
            string[] rows = [.. new ExampleStore(database, TimeProvider.System).Rows(AssistantNames.Default)];
            PrivateFile.WriteLines(file.FullName, rows);
            Console.WriteLine(JsonSerializer.Serialize(new { @out = file.FullName, examples = rows.Length }));
        });
        return command;
    }

    private static Command Import()
    {
        Argument<FileInfo> file = FileArgument();
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command(
            "import", "Adds the examples of a dataset file; what is there already is left out. See first what is in it with: dataset check FILE")
        { file, data };
        command.SetAction(async (parsed, cancellation) =>
        {
            FileInfo dataset = parsed.GetRequiredValue(file);
            await using FileStream stream = dataset.OpenRead();
            await using Database database = DataAccess.Open(parsed.GetValue(data));
            (ImportReport report, ImportedRows rows) = await new ExampleImport(database, TimeProvider.System)
                .RunAsync(AssistantNames.Default, stream, dataset.Name, isDryRun: false, cancellation);
            return Report(report, rows);
        });
        return command;
    }

    private static Command Check()
    {
        Argument<FileInfo> file = FileArgument();
        var command = new Command("check", "Says what is in a dataset file, and what is wrong with it.") { file };
        command.SetAction(async (parsed, cancellation) =>
        {
            FileInfo dataset = parsed.GetRequiredValue(file);
            await using FileStream stream = dataset.OpenRead();
            ImportedRows rows = DatasetImport.Read(stream, dataset.Name, cancellation: cancellation);
            ImportedExample[] different = [.. rows.Examples.DistinctBy(e => DedupKey.Of(e.Draft.Messages))];
            return Report(ImportReport.Of(rows, different, id: null, isDryRun: true), rows);
        });
        return command;
    }

    private static Argument<FileInfo> FileArgument() => new("file")
    {
        Description = "JSON lines (OpenAI's messages, instruction/input/output, prompt/completion or ShareGPT), "
            + "or a table (CSV, XLSX) whose first row names the same",
    };

    /// <summary>Bad rows by line and reason on stderr, the rest in figures. The exit code: whether all rows are good.</summary>
    private static int Report(ImportReport report, ImportedRows rows)
    {
        foreach (ImportError error in rows.Errors)
            Console.Error.WriteLine($"{rows.File}: line {error.Line}: {error.Message}");
        IEnumerable<(string Flag, int Line)> flags = rows.Examples.SelectMany(e => e.Draft.Flags.Select(flag => (flag, e.Line)));
        foreach (IGrouping<string, int> lines in flags.GroupBy(f => f.Flag, f => f.Line))
            Console.Error.WriteLine(
                $"{rows.File}: {lines.Count()} kept aside for {lines.Key}: line {string.Join(", ", lines.Distinct().Take(10))}");
        if (rows.Examples.Any(e => e.Draft.Flags.Contains(ExampleFlags.Tools)))
            Console.Error.WriteLine("tools: made with functions, imported or rated. Whether the model's chat template can write them is for you to know.");
        if (report.Excluded > 0)
            Console.Error.WriteLine(
                "What is kept aside is learned only when you accept it: in the page among the examples, or with PATCH /api/dataset/ID and "
                + "{\"status\":\"accepted\"}.");
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            file = report.File,
            rows = report.Rows,
            accepted = report.Accepted,
            excluded = report.Excluded,
            duplicates = report.Duplicates,
            bad_rows = report.BadRows,
        }));
        return rows.Errors.Count == 0 ? 0 : 1;
    }
}
