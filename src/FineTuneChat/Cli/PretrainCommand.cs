using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Starter;
using FineTuneChat.Training.Pretraining;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Cli;

/// <summary><c>pretrain</c>: a tokenizer and a small model from nothing, of a recipe or of the user's own texts; or a base that goes on with them.</summary>
internal static class PretrainCommand
{
    private const int QuestionsPerSkill = 60;
    private const int LoggedSteps = 20;

    private static readonly Option<FileInfo?> RecipeFile = new("--recipe") { Description = "The starter's way: a recipe such as models/starter/recipe.json" };
    private static readonly Option<DirectoryInfo> Folder = new("--out")
    {
        Description = "Folder for the model, its log and the checkpoint; an interrupted run in it is continued",
        Required = true,
    };
    private static readonly Option<int> Threads = new("--threads") { Description = "Compute threads", DefaultValueFactory = _ => Environment.ProcessorCount };

    public static Command Create()
    {
        var corpus = new CorpusOptionSet();
        var command = new Command(
            "pretrain", "Trains a tokenizer and a small model from nothing on your own texts, or goes on with a model on them.")
        {
            RecipeFile, Folder, Threads,
        };
        corpus.AddTo(command, RecipeFile);
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, corpus, cancellation), CancellationToken.None));
        return command;
    }

    private static void Run(ParseResult parsed, CorpusOptionSet options, CancellationToken cancellation)
    {
        NativeLibraries.Load();
        string folder = parsed.GetRequiredValue(Folder).FullName;
        int threads = parsed.GetValue(Threads);
        Directory.CreateDirectory(folder);
        if (parsed.GetValue(RecipeFile) is { } recipe)
            RunRecipe(recipe.FullName, options.Base(parsed), folder, threads, cancellation);
        else
            Console.WriteLine(JsonSerializer.Serialize(new CorpusPretraining(options.Read(parsed), folder, threads, Console.Error.WriteLine)
                .Run(run => Logged(folder, run), cancellation)));
    }

    /// <summary>The starter: conversations written by rules, and an exam at the end. A model that goes on keeps its vocabulary and shape.</summary>
    private static void RunRecipe(string recipePath, string? goesOn, string folder, int threads, CancellationToken cancellation)
    {
        Recipe recipe;
        try
        {
            recipe = Recipe.Read(recipePath);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new UserException(e.Message, e);
        }

        PretrainCorpus corpus = StarterCorpus.Of(recipe);
        PretrainResult result = Logged(folder, report => goesOn is null
            ? new PretrainRun(recipe, corpus, folder, threads, TimeProvider.System) { Told = Console.Error.WriteLine }.Run(report, cancellation)
            : new ContinuedRun(goesOn, corpus, recipe.Optimizer, folder, threads, TimeProvider.System)
            {
                Name = recipe.Name,
                LearningRate = recipe.Optimizer.LearningRate,
                Told = Console.Error.WriteLine,
            }.Run(report, cancellation));
        Console.Error.WriteLine("Examining the finished model …");
        SkillReport exam = StarterExam.Run(result.Model, QuestionsPerSkill, threads);
        File.WriteAllText(Path.Combine(folder, "skills.md"), exam.ToMarkdown());
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            model = result.Model,
            steps = result.Steps,
            train_loss = result.TrainLoss,
            exact = exam.Overall.Share,
            tokens_per_second = result.TokensPerSecond,
        }));
    }

    /// <summary>Each step in <c>progress.jsonl</c>, and shown.</summary>
    private static PretrainResult Logged(string folder, Func<Action<TrainingProgress>, PretrainResult> run)
    {
        using var log = new ProgressLog(Path.Combine(folder, "progress.jsonl"), resume: true);
        Action<TrainingProgress> line = Console.IsErrorRedirected ? TrainingDisplay.Logged(LoggedSteps) : _ => { };
        return TrainingDisplay.Show(show => run(progress =>
        {
            log.Add(progress);
            line(progress);
            show(progress);
        }));
    }
}
