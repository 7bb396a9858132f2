using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Starter;
using FineTuneChat.Training.Pretraining;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Cli;

/// <summary><c>pretrain</c>: a tokenizer and a small model from nothing.</summary>
internal static class PretrainCommand
{
    private const int QuestionsPerSkill = 60;
    private const int LoggedSteps = 20;

    public static Command Create()
    {
        var recipe = new Option<FileInfo>("--recipe") { Description = "What to make, e.g. models/starter/recipe.json", Required = true };
        var folder = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for the model, its log and the checkpoint; an interrupted run in it is continued",
            Required = true,
        };
        var threads = new Option<int>("--threads") { Description = "Compute threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("pretrain", "Trains a tokenizer and a small model from nothing.") { recipe, folder, threads };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetRequiredValue(recipe).FullName, parsed.GetRequiredValue(folder).FullName, parsed.GetRequiredValue(threads), cancellation)));
        return command;
    }

    private static int Run(string recipePath, string folder, int threads, CancellationToken cancellation)
    {
        NativeLibraries.Load();
        Recipe recipe;
        try
        {
            recipe = Recipe.Read(recipePath);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new UserException(e.Message, e);
        }

        var run = new PretrainRun(recipe, StarterCorpus.Of(recipe), folder, threads, TimeProvider.System) { Told = Console.Error.WriteLine };
        Directory.CreateDirectory(folder);
        using var log = new StreamWriter(Path.Combine(folder, "progress.jsonl"), append: true) { AutoFlush = true };
        TrainingProgress last = TrainingDisplay.Show(show => run.Run(
            progress =>
            {
                log.WriteLine(JsonSerializer.Serialize(progress));
                show(progress);
                if (Console.IsErrorRedirected && (progress.Step % LoggedSteps == 0 || progress.Step == progress.Steps))
                    Console.Error.WriteLine(
                        $"step {progress.Step}/{progress.Steps}  loss {progress.Loss:F4}  {progress.TokensPerSecond:F0} tokens/s  "
                        + $"{TimeSpan.FromSeconds((long)progress.SecondsLeft)} left");
            },
            cancellation));
        Console.Error.WriteLine("Examining the finished model …");
        SkillReport exam = StarterExam.Run(run.ModelPath, QuestionsPerSkill, threads);
        File.WriteAllText(Path.Combine(folder, "skills.md"), exam.ToMarkdown());
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            model = run.ModelPath,
            steps = last.Step,
            train_loss = last.Loss,
            exact = exam.Overall.Share,
            tokens_per_second = last.TokensPerSecond,
        }));
        return 0;
    }
}
