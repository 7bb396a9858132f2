using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FineTuneChat.Datasets.Cleaning;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Making;
using FineTuneChat.Making.Axolotl;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Runs;
using FineTuneChat.Training.Export;

namespace FineTuneChat.Cli;

/// <summary><c>make</c>: from data to a tuned model, in one command that goes on where it was interrupted.</summary>
internal sealed class MakeCommand
{
    private const double UsualShare = 0.1;
    private const int LoggedSteps = 20;

    private readonly Argument<string[]> _data = new("DATA")
    {
        Description = "Files or folders to learn from, as dataset check takes them; a folder's files with valid and test in their names are used as such",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<DirectoryInfo?> _folder = new("--out") { Description = "Folder for all that is made; output_dir of --config otherwise" };
    private readonly Option<string?> _base = new("--base") { Description = "The model to teach, by its name or file [the base of the settings]" };
    private readonly Option<string?> _type = new("--type")
    {
        Description = $"Type of the GGUF [{MakeOrder.UsualType}, or a more precise one where that would lose what was learned]",
    };
    private readonly Option<FileInfo?> _config = new("--config") { Description = "Axolotl's YAML: its options, as far as they mean something here" };
    private readonly Option<string?> _trials = new("--sweep")
    {
        HelpName = "NAME=A,B,…",
        Description = "Options of which all combinations are tried: learning_rate=1e-4,3e-4,rank=8,16. The lowest loss on the rows to choose by is taken",
    };
    private readonly Option<double?> _testShare = new("--test-share") { Description = $"Share of the rows that is kept for the test [{UsualShare}]" };
    private readonly Option<double?> _validationShare = new("--val-share")
    {
        Description = $"Share of the rows to choose by, from ten rows on [{UsualShare}]",
    };
    private readonly Option<string?> _clean = new("--clean")
    {
        HelpName = "RULES",
        Description = $"Cleaning rules to apply beside the usual ones; of {string.Join(", ", CleaningRule.All.Select(rule => rule.Name))}",
    };
    private readonly Option<string?> _noClean = new("--no-clean") { HelpName = "RULES", Description = "Cleaning rules not to apply; all: none" };
    private readonly Option<bool> _skipBad = new("--skip-bad-rows") { Description = "Leave out rows that cannot be read; otherwise they end the work" };
    private readonly Option<int> _longest = new("--max-tokens") { Description = "Most tokens of a reply in the test", DefaultValueFactory = _ => 512 };
    private readonly Option<int> _threads = new("--threads") { Description = "Compute threads", DefaultValueFactory = _ => Environment.ProcessorCount };

    public static Command Create() => new MakeCommand().Command();

    private Command Command()
    {
        _type.AcceptOnlyFromAmong([.. ModelExport.Types.Select(t => t.ToString())]);
        var told = new DatasetOptionSet();
        var preferences = new PreferenceOptionSet();
        Option<bool> supervised = Supervision.Option();
        var command = new Command("make", "Makes a tuned model of data: import, cleaning, training, GGUF, test figures. Goes on where it was interrupted.")
        {
            _data, _folder, _base, _type, _config, _trials, _testShare, _validationShare, _clean, _noClean, _skipBad, _longest, _threads, supervised,
        };
        told.AddTo(command);
        preferences.AddTo(command);
        SettingOptions.Learning.AddTo(command);
        Check(_trials, text => Sweep.Parse(text));
        Check(_clean, text => CleaningRule.Choose(text, null));
        Check(_noClean, text => CleaningRule.Choose(null, text));
        foreach (Option<double?> share in (Option<double?>[])[_testShare, _validationShare])
            share.Validators.Add(given =>
            {
                if (given.GetValueOrDefault<double?>() is not (null or (>= 0 and < 1)))
                    given.AddError($"{share.Name} is not allowed to be that; 0 to below 1 is.");
            });
        command.SetAction((parsed, cancellation) => Supervision.RunAsync(
            parsed.GetValue(supervised), cancellation, stop => Run(Read(parsed, told, preferences), stop)));
        return command;
    }

    private static void Run(MakeOrder order, CancellationToken cancellation)
    {
        var pipeline = new MakePipeline(
            order, Console.Error.WriteLine, (file, report) => DatasetOptionSet.Tell(file, report, quotes: false),
            run => TrainingDisplay.ShowAsync(LoggedSteps, run));
        MakeResult result = pipeline.RunAsync(cancellation).GetAwaiter().GetResult();
        Console.WriteLine(JsonSerializer.Serialize(result));
    }

    /// <summary>What is given holds; what is not, as the file of <c>--config</c> says.</summary>
    private MakeOrder Read(ParseResult parsed, DatasetOptionSet told, PreferenceOptionSet preferences)
    {
        AxolotlConfig? config = parsed.GetValue(_config) is { } file ? AxolotlConfig.Read(file.FullName) : null;
        foreach (AxolotlFinding finding in config?.Findings ?? [])
            Console.Error.WriteLine($"{config!.Path}: {finding.Text}");
        string[] data = parsed.GetValue(_data) is { Length: > 0 } given ? given : [.. config?.Data ?? []];
        if (data.Length == 0)
            throw new UserException("There is no data: name a file or a folder, or a --config with datasets.");
        string folder = parsed.GetValue(_folder)?.FullName ?? config?.Out ?? throw new UserException("Where to? Name a folder with --out DIR.");
        (string name, string path) = FindBase(parsed.GetValue(_base), config);
        bool isMethodGiven = parsed.GetResult(preferences.Method) is { Implicit: false };
        string[] methodOptions = [.. preferences.Arguments(parsed)];
        return new MakeOrder
        {
            Data = [.. data.Select(Path.GetFullPath)],
            Validation = [.. config?.Validation ?? []],
            Out = folder,
            Base = path,
            BaseName = name,
            Type = parsed.GetValue(_type),
            Method = isMethodGiven ? parsed.GetValue(preferences.Method)! : config?.Method ?? MakeOrder.Supervised,
            MethodOptions = methodOptions.Length > 0 ? methodOptions : [.. isMethodGiven ? [] : config?.MethodOptions ?? []],
            Options = SettingOptions.Learning.Read(parsed).Complete(config?.Options ?? new RunOptions()),
            Sweep = parsed.GetValue(_trials) is { } sweep ? Sweep.Parse(sweep) : null,
            Told = told.Read(parsed) is var options && options.Map is null && config?.Map is { } map ? options with { Map = ColumnMap.Parse(map) } : options,
            ToldText = $"{told.Text(parsed)} {config?.Map}".Trim(),
            Rules = CleaningRule.Choose(parsed.GetValue(_clean), parsed.GetValue(_noClean)),
            SkipsBadRows = parsed.GetValue(_skipBad),
            ValidationShare = parsed.GetValue(_validationShare) ?? config?.ValidationShare ?? UsualShare,
            TestShare = parsed.GetValue(_testShare) ?? UsualShare,
            MaxTokens = parsed.GetValue(_longest),
            Threads = parsed.GetValue(_threads),
        };
    }

    private static (string Name, string Path) FindBase(string? given, AxolotlConfig? config)
    {
        using ModelsAccess access = ModelsAccess.Open();
        if (given is null && config?.Base is { } wanted && access.Catalog.Find(wanted) is null && !File.Exists(wanted))
            throw new UserException(
                $"{config.Path}: base_model is {wanted}, which is not here. Fetch it as GGUF (finetunechat pull OWNER/REPO), make a GGUF of its folder "
                + "(finetunechat convert DIR --out FILE), or name another model with --base.");
        string name = given ?? config?.Base ?? access.Settings.Models.Base;
        return (Path.GetFileNameWithoutExtension(name), access.Catalog.Resolve(name).Path);
    }

    private static void Check(Option<string?> option, Action<string> read) => option.Validators.Add(given =>
    {
        try
        {
            if (given.GetValueOrDefault<string?>() is { } text)
                read(text);
        }
        catch (FormatException e)
        {
            given.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name}: {e.Message}"));
        }
    });
}
