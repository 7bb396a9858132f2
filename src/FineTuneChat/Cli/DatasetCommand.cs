using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;

namespace FineTuneChat.Cli;

/// <summary><c>dataset</c>: accepted examples out, dataset files in.</summary>
internal static class DatasetCommand
{
    private const int MostErrors = 100;

    public static Command Create() => new("dataset", "What the assistant learns from: export it, import files, check files.") { Export(), Import(), Check() };

    private static Option<string> Assistant() =>
        new("--assistant") { Description = "The id of the assistant that learns it", DefaultValueFactory = _ => AssistantNames.Default };

    private static Command Export()
    {
        Option<string> assistant = Assistant();
        var target = new Option<FileInfo>("--out") { Description = "The file to write", DefaultValueFactory = _ => new FileInfo("dataset.jsonl") };
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command("export", "Writes the accepted examples as JSON lines in OpenAI's fine-tuning format.") { target, assistant, data };
        command.SetAction(async (parsed, _) =>
        {
            FileInfo file = parsed.GetRequiredValue(target);
            if (file.Exists)
                throw new UserException($"{file.FullName} is there already. Choose another name with --out FILE.");
            await using Database database = DataAccess.Open(parsed.GetValue(data));
            AssistantRegistry.RequireKnown(database, parsed.GetRequiredValue(assistant));
            string[] rows = [.. new ExampleStore(database, new(), TimeProvider.System).Rows(parsed.GetRequiredValue(assistant))];
            PrivateFile.WriteLines(file.FullName, rows);
            Console.WriteLine(JsonSerializer.Serialize(new { @out = file.FullName, examples = rows.Length }));
        });
        return command;
    }

    private static Command Import()
    {
        Argument<string> file = FileArgument();
        var options = new DatasetOptionSet();
        Option<string> assistant = Assistant();
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command(
            "import", "Adds the examples of a dataset file; what is there already is left out. See first what is in it with: dataset check FILE")
        { file, assistant, data };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using Database database = DataAccess.Open(parsed.GetValue(data));
            AssistantRegistry.RequireKnown(database, parsed.GetRequiredValue(assistant));
            var imports = new ExampleImport(database, TimeProvider.System);
            int code = 0;
            foreach (string path in DatasetFolder.Of(parsed.GetRequiredValue(file)).Told(Console.Error.WriteLine).Train)
            {
                await using FileStream stream = System.IO.File.OpenRead(path);
                var source = new DatasetSource(stream, Path.GetFileName(path), options.Read(parsed));
                (ImportReport report, ImportedRows rows) = await imports.RunAsync(parsed.GetRequiredValue(assistant), source, isDryRun: false, cancellation);
                code = Math.Max(code, Report(report, rows));
            }
            return code;
        });
        return command;
    }

    private static Command Check()
    {
        Argument<string> file = FileArgument();
        var options = new DatasetOptionSet();
        var command = new Command("check", "Says what is in a dataset file, and what is wrong with it.") { file };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            int code = 0;
            foreach (string path in DatasetFolder.Of(parsed.GetRequiredValue(file)).All)
            {
                await using FileStream stream = System.IO.File.OpenRead(path);
                ImportedRows rows = DatasetImport.Read(new DatasetSource(stream, Path.GetFileName(path), options.Read(parsed)), cancellation: cancellation);
                ImportedExample[] different = [.. rows.Examples.DistinctBy(e => DedupKey.Of(e.Draft.Messages))];
                code = Math.Max(code, Report(ImportReport.Of(rows, different, id: null, isDryRun: true), rows));
            }
            return code;
        });
        return command;
    }

    private static Argument<string> FileArgument() => new("file")
    {
        Description = "JSON (OpenAI's messages, ShareGPT, instruction/output, prompt/completion and the like), a table (CSV, XLSX, Parquet), an export of "
            + "chats (ChatGPT, Open WebUI, LM Studio, WhatsApp), or a folder of them with train, valid and test in their names",
    };

    /// <summary>
    /// What the file is and what was noticed, then bad rows with their reason, on stderr; all of it as JSON. The exit code: whether all rows are good.
    /// </summary>
    private static int Report(ImportReport report, ImportedRows rows)
    {
        string columns = string.Join(", ", report.Columns.Where(c => c.Use is not null).Select(c => $"{c.Use} = \"{c.Name}\""));
        IEnumerable<string?> about = new[] { report.Format, report.Encoding, columns }.Where(part => !string.IsNullOrEmpty(part));
        Console.Error.WriteLine($"{rows.File}: {string.Join(", ", about)}.");
        DatasetOptionSet.Tell(rows.File, rows.Report, quotes: true);
        if (report.Question is { } question)
            Console.Error.WriteLine(question.Text);
        foreach (ImportError error in rows.Errors.Take(MostErrors))
            Console.Error.WriteLine($"{rows.File}: {report.Unit} {error.Line}: {error.Message}");
        if (rows.Errors.Count > MostErrors)
            Console.Error.WriteLine($"{rows.File}: and {rows.Errors.Count - MostErrors} more.");
        IEnumerable<(string Flag, int Line)> flags = rows.Examples.SelectMany(e => e.Draft.Flags.Select(flag => (flag, e.Line)));
        foreach (IGrouping<string, int> lines in flags.GroupBy(f => f.Flag, f => f.Line))
            Console.Error.WriteLine(
                $"{rows.File}: {lines.Count()} kept aside for {lines.Key}: {report.Unit} {string.Join(", ", lines.Distinct().Take(10))}");
        if (rows.Examples.Any(e => e.Draft.Flags.Contains(ExampleFlags.Tools)))
            Console.Error.WriteLine("tools: made with functions, imported or rated. Whether the model's chat template can write them is for you to know.");
        if (report.Excluded > 0)
            Console.Error.WriteLine(
                "What is kept aside is learned only when you accept it: in the page among the examples, or with PATCH /api/dataset/ID and "
                + "{\"status\":\"accepted\"}.");
        Console.WriteLine(JsonSerializer.Serialize(report with { Examples = [] }, ExamplesJson.Wire.ImportReport));
        return rows.Errors.Count == 0 && report.Question is null ? 0 : 1;
    }
}
