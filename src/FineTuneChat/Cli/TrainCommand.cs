using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Engine.Loading;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Runs;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Objectives;
using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Cli;

/// <summary><c>train</c>: LoRA fine-tuning of a GGUF model.</summary>
internal static class TrainCommand
{
    private const int MostNamed = 40; // tokens
    private static readonly FineTuneOptions Defaults = new();
    private static readonly string[] OfTheAdapter =
    [
        nameof(RunOptions.Rank), nameof(RunOptions.Alpha), nameof(RunOptions.RankStabilized), nameof(RunOptions.Targets),
    ];

    public static Command Create()
    {
        var model = new Option<FileInfo>("--base") { Description = "The GGUF model to teach", Required = true };
        var data = new Option<string>("--data")
        {
            Description = "Conversations to learn: a file that dataset check takes, or a folder with train and valid in the names of its files",
            Required = true,
        };
        var told = new DatasetOptionSet();
        var preferences = new PreferenceOptionSet();
        var folder = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for adapter.gguf, run.json, progress.jsonl and the checkpoint",
            Required = true,
        };
        var validation = new Option<FileInfo?>("--val") { Description = "Conversations to measure on after each epoch" };
        var keep = new Option<FileInfo?>("--keep")
        {
            Description = "Conversations in which the model is to stay as it is: its own predictions are learned there, beside --data",
        };
        var until = new Option<FileInfo?>("--until")
        {
            Description = "Conversations that must be learned: without --epochs, the run goes on until they would be written as they are",
        };
        var from = new Option<FileSystemInfo?>("--from")
        {
            Description = "Adapter to begin with: a GGUF file, or a folder with PEFT's files; its rank and alpha hold",
        };
        var threads = new Option<int>("--threads") { Description = "Compute threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        var checkpoint = new Option<double>("--checkpoint-seconds")
        {
            Description = "Seconds from checkpoint to checkpoint",
            DefaultValueFactory = _ => Defaults.CheckpointSeconds,
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Go on from the folder's checkpoint; refused where it is of another base, other data or options",
        };
        var restart = new Option<bool>("--restart-if-changed")
        {
            Description = "With --resume: start over in that case, and keep the old checkpoint",
        };
        Option<bool> supervised = Supervision.Option();
        var command = new Command("train", "Teaches a model conversations: LoRA fine-tuning.")
        {
            model, data, folder, validation, keep, preferences.Feedback, until, from, threads, checkpoint, resume, restart, supervised,
        };
        told.AddTo(command);
        preferences.AddTo(command, keep, until, preferences.Feedback);
        SettingOptions.Learning.AddTo(command);
        command.Validators.Add(parsed =>
        {
            Option? ofTheAdapter = OfTheAdapter.Select(SettingOptions.Learning.Named).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false });
            if (parsed.GetValue(from) != null && ofTheAdapter is { } given)
                parsed.AddError($"{given.Name} cannot be chosen with --from: the adapter there has its own.");
        });
        SettingOptions.Rope.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            DatasetFolder dataset = DatasetFolder.Of(parsed.GetRequiredValue(data)).Told(Console.Error.WriteLine);
            var order = new Order(
                parsed.GetRequiredValue(model).FullName, dataset.Train, told.Read(parsed),
                parsed.GetValue(validation) is { } given ? [given.FullName] : dataset.Validation,
                parsed.GetValue(keep)?.FullName, parsed.GetValue(preferences.Feedback)?.FullName, parsed.GetValue(until)?.FullName,
                parsed.GetRequiredValue(folder).FullName, parsed.GetValue(threads), parsed.GetValue(resume), parsed.GetValue(restart),
                parsed.GetValue(preferences.Method)!);
            FineTuneOptions options = Choose(SettingOptions.Learning.Read(parsed)) with
            {
                From = parsed.GetValue(from)?.FullName,
                Rope = SettingOptions.Rope.Read(parsed).ToRope(),
                CheckpointSeconds = parsed.GetValue(checkpoint),
                Preferences = preferences.Read(parsed),
            };
            return Supervision.RunAsync(parsed.GetValue(supervised), cancellation, (stop, pause) => Run(order, options, pause, stop));
        });
        return command;
    }

    /// <summary>As the trainer knows them; what is not given, as it likes.</summary>
    public static FineTuneOptions Choose(RunOptions given) => new()
    {
        Epochs = given.Epochs,
        Rank = given.Rank ?? Defaults.Rank,
        Alpha = (float?)given.Alpha ?? Defaults.Alpha,
        RankStabilized = given.RankStabilized ?? Defaults.RankStabilized,
        Targets = given.Targets is { } targets ? TargetsAttribute.Split(targets) : Defaults.Targets,
        Dropout = (float?)given.Dropout ?? Defaults.Dropout,
        LearningRate = (float?)given.LearningRate,
        LearningRateMultiplier = (float?)given.LearningRateMultiplier ?? Defaults.LearningRateMultiplier,
        Schedule = given.Schedule is { } schedule ? Enum.Parse<ScheduleKind>(schedule, ignoreCase: true) : Defaults.Schedule,
        WarmupShare = (float?)given.Warmup ?? Defaults.WarmupShare,
        WeightDecay = (float?)given.WeightDecay ?? Defaults.WeightDecay,
        MaxGradientNorm = (float?)given.MaxGradientNorm ?? Defaults.MaxGradientNorm,
        BatchSize = given.BatchSize ?? Defaults.BatchSize,
        SequenceLength = given.SequenceLength ?? Defaults.SequenceLength,
        EarlyStopping = given.EarlyStopping ?? Defaults.EarlyStopping,
        Seed = given.Seed ?? Defaults.Seed,
        TrainReasoning = given.TrainReasoning ?? Defaults.TrainReasoning,
        GradientCheckpointing = given.GradientCheckpointing switch { "on" => true, "off" => false, _ => Defaults.GradientCheckpointing },
        Device = given.Device ?? Defaults.Device,
    };

    private static void Run(Order order, FineTuneOptions options, PauseGate pause, CancellationToken cancellation)
    {
        // 1. Everything is read and checked before the first step.
        UserException.When<ArgumentException>(options.Validate);
        NativeLibraries.Load();
        UserException.When<ArgumentException>(() => TrainingDevice.Find(options.Device));
        Directory.CreateDirectory(order.Folder);
        using MappedModel model = MappedModel.Open(order.Base);
        using LlamaModel tokenizer = LlamaModel.Load(order.Base, new ModelOptions { VocabularyOnly = order.Keep is null, Rope = options.Rope });
        ConversationEncoder encoder = ConversationEncoder.OfModel(tokenizer);
        IReadOnlyList<TrainingExample> Read(params IReadOnlyList<string> paths) =>
            DatasetFile.Load(paths, order.Told).ForTraining(encoder, options.SequenceLength, options.TrainReasoning);
        Objective Goal(IReadOnlyList<string> paths) => order.Method == PreferenceOptionSet.Supervised
            ? new SupervisedObjective(Read(paths))
            : PreferenceFile.Load(paths, order.Told, encoder, options.SequenceLength, order.Method, options.Preferences!);
        Objective? validation = order.Validation.Count == 0 ? null : Goal(order.Validation);
        Objective goal = order.Keep is null && order.Feedback is null ? Goal(order.Data) : new MixedObjective(
        [
            new SupervisedObjective(
            [
                .. order.Feedback is not null && order.Data.All(IsEmpty) ? [] : Read(order.Data),
                .. order.Keep is null ? [] : OwnPredictions.Of(tokenizer, Read(order.Keep), order.Threads, cancellation),
            ]),
            .. order.Feedback is null ? [] : PreferenceFile.LoadAll(order.Feedback, encoder, options.SequenceLength, options.Preferences!),
        ]);
        if (goal.Rows == 0)
            throw new UserException($"{order.Feedback}: there is nothing to learn: see above why each preference is left out.");
        IReadOnlyList<Lesson> mustLearn =
            order.Until is null ? [] : DatasetFile.Load(order.Until).AsLessons(encoder, options.SequenceLength, options.TrainReasoning);

        // 2. The run.
        RunSources sources = SourcesOf(order, options.From);
        var run = new FineTuneRun(model, goal, validation, options, order.Folder, TimeProvider.System)
        {
            Sources = sources,
            MustLearn = mustLearn,
            RestartsIfChanged = order.RestartsIfChanged,
            Told = Console.Error.WriteLine,
            Pause = pause,
            Estimated = Tell,
        };
        using var log = new ProgressLog(Path.Combine(order.Folder, "progress.jsonl"), order.Resumes);
        FineTuneResult result = TrainingDisplay.Show(show => run.Run(
            order.Threads, order.Resumes,
            progress =>
            {
                string line = log.Add(progress);
                if (Console.IsOutputRedirected)
                    Console.Out.WriteLine(line); // a program reads it; a person sees the bar
                show(progress);
            },
            cancellation));

        if (result.UndertrainedTokens is { } tokens)
            Console.Error.WriteLine(
                "This model can hardly write some tokens of these replies, so that their rows of its head were trained, too: "
                + Texts(tokenizer.Vocabulary, tokens));

        // 3. What it was made of, for whoever finds the adapter.
        RunReport.Write(order.Folder, order.Base, sources, goal.Rows, options, result);
        Console.Out.WriteLine(JsonSerializer.Serialize(result));
    }

    private static string Texts(Vocabulary vocabulary, IReadOnlyList<int> tokens) =>
        string.Join(" ", tokens.Take(MostNamed).Select(token => JsonSerializer.Serialize(vocabulary.Detokenize([token], special: true), RelaxedJson.Options)))
        + (tokens.Count > MostNamed ? $" and {tokens.Count - MostNamed} more" : "");

    private static RunSources SourcesOf(Order order, string? from) => new()
    {
        Base = Hash(order.Base),
        Data = Hash(order.Data),
        Validation = order.Validation.Count == 0 ? null : Hash(order.Validation),
        Keep = Hash(order.Keep),
        Feedback = Hash(order.Feedback),
        Until = Hash(order.Until),
        From = Hash(Directory.Exists(from) ? Path.Combine(from, "adapter_model.safetensors") : from),
    };

    /// <summary>To a program as a line of JSON, to a person in words.</summary>
    private static void Tell(RunEstimate estimate)
    {
        if (Console.IsOutputRedirected)
            Console.WriteLine(JsonSerializer.Serialize(new { estimate }));
        else
        {
            string twice = estimate.GradientCheckpointing ? " (activations are computed twice)" : "";
            string device = estimate.Device == TrainingDevice.Processor ? "" : $", {estimate.DeviceBytes >> 20} MiB on {estimate.Device}";
            Console.Error.WriteLine(
                $"{estimate.Steps} steps over {estimate.Tokens} tokens: about {TimeSpan.FromSeconds((long)estimate.Seconds)}, "
                + $"{estimate.MemoryBytes >> 20} MiB of memory{twice}, {estimate.DiskBytes >> 20} MiB of disk{device}.");
            if (estimate.Note is { } note)
                Console.Error.WriteLine($"On the processor: {note}");
        }
    }

    private static string Hash(IReadOnlyList<string> paths) => paths is [var only]
        ? Hash(only)!
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(paths.Select(Hash)))));

    private static bool IsEmpty(string path) => new FileInfo(path).Length == 0;

    private static string? Hash(string? path) => path is null ? null : RunSources.HashOf(path);

    /// <summary>What the command line orders, beside how it is learned.</summary>
    private sealed record Order(
        string Base, IReadOnlyList<string> Data, DatasetOptions Told, IReadOnlyList<string> Validation, string? Keep,
        string? Feedback, string? Until, string Folder, int Threads, bool Resumes, bool RestartsIfChanged,
        string Method);
}
