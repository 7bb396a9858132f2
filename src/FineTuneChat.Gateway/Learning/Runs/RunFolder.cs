using System.Text.Json;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>The files of a run: <c>runs/ID/</c>.</summary>
internal sealed class RunFolder
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private const int MaxTries = 600;

    private readonly DataFolder _data;
    private readonly string _id;

    public RunFolder(DataFolder data, string runId)
    {
        (_data, _id) = (data, runId);
        Root = data.Run(runId);
        PrivateFile.CreateFolder(Root);
    }

    public string Root { get; }
    public string Dataset => Path.Combine(Root, "dataset.jsonl");

    /// <summary>Where the base is to stay as it is.</summary>
    public string Keep => Path.Combine(Root, "keep.jsonl");

    /// <summary>What was preferred to what, and what was rated down.</summary>
    public string Feedback => Path.Combine(Root, "feedback.jsonl");

    /// <summary>Of that, the replies rated down.</summary>
    public string Unwanted => Path.Combine(Root, "unwanted.jsonl");

    /// <summary>Questions in words that are not learned.</summary>
    public string Reworded => Path.Combine(Root, "reworded.jsonl");

    /// <summary>The same with the corrections before them that would be recalled.</summary>
    public string Recalled => Path.Combine(Root, "recalled.jsonl");
    public string HeldOut => Path.Combine(Root, "held-out.jsonl");
    public string Test => Path.Combine(Root, "test.jsonl");
    public string Accepted => Path.Combine(Root, "accepted.jsonl");
    public string Regression => Path.Combine(Root, "regression.jsonl");

    /// <summary>What the gate asks; there while it does.</summary>
    public string Asked => Path.Combine(Root, "asked.jsonl");

    /// <summary>Erased texts that the gate asks about; there while it does.</summary>
    public string Erased => Path.Combine(Root, DataFolder.ErasedTexts);

    /// <summary>What a model was found to say; there while it is read.</summary>
    public string Rows => Path.Combine(Root, "rows.jsonl");

    /// <summary>What a trainer elsewhere is given, and what it makes of it.</summary>
    public string Bundle => Path.Combine(Root, "bundle");

    public string Adapter => _data.RunAdapter(_id);

    public string TrainerLog => Path.Combine(Root, "progress.jsonl");

    /// <summary>The last file that the trainer writes.</summary>
    public string TrainerReport => Path.Combine(Root, "run.json");

    /// <summary>Whether the training is complete: a crash may have come after it.</summary>
    public bool IsTrained => File.Exists(Adapter) && File.Exists(TrainerReport) && IsJson(File.ReadAllText(TrainerReport));

    /// <summary>Whether a file of data is there with anything in it.</summary>
    public static bool HasRows(string file) => new FileInfo(file) is { Exists: true, Length: > 0 };

    /// <summary>What is to be learned, and beside it what the base said of itself: for a trainer that knows no difference.</summary>
    public IEnumerable<string> AllRows() => ((string[])[Dataset, Keep]).Where(HasRows).SelectMany(File.ReadLines);

    /// <summary>Of its own for each attempt: an exporter that outlived a killed gateway may still be writing the one before.</summary>
    public string Candidate(string type, int attempt) => Path.Combine(Root, $"candidate-{attempt}-{type}.gguf");

    /// <summary>Waits until the trainer of a gateway that was killed has seen that and ended: it holds its log.</summary>
    public Task WaitUntilFreeAsync(CancellationToken cancellation) => WaitUntilFreeAsync(TrainerLog, cancellation);

    /// <summary>The same of any trainer, by its log.</summary>
    public static async Task WaitUntilFreeAsync(string log, CancellationToken cancellation)
    {
        for (int tries = 0; File.Exists(log); tries++)
        {
            try
            {
                using FileStream alone = new(log, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                return;
            }
            catch (IOException) when (tries < MaxTries)
            {
                await Task.Delay(Pause, cancellation);
            }
        }
    }

    /// <summary>Deletes the texts that a run was made of: some of them are to be forgotten. Its figures and fingerprints stay.</summary>
    public static void RemoveData(DataFolder data, string runId)
    {
        foreach (string file in FilesOfData(data, runId))
            File.Delete(file);
    }

    /// <summary>The texts that a run was made of, as far as they are there.</summary>
    public static IReadOnlyList<string> FilesOfData(DataFolder data, string runId)
    {
        if (!Directory.Exists(data.Run(runId)))
            return [];
        var folder = new RunFolder(data, runId);
        string[] files =
        [
            folder.Dataset, folder.Accepted, folder.Feedback, folder.Unwanted, folder.Reworded, folder.Recalled, folder.HeldOut, folder.Test, folder.Asked,
            folder.Erased, folder.Rows,
        ];
        return
        [
            .. files.SelectMany(file => (string[])[file, file + DataFolder.Unfinished]).Where(File.Exists),
            .. Directory.Exists(folder.Bundle) ? Directory.EnumerateFiles(folder.Bundle, "*", SearchOption.AllDirectories) : [],
        ];
    }

    /// <summary>The same, and what the run has learned from them: adapter, checkpoints and candidates.</summary>
    public static IReadOnlyList<string> FilesOfLearned(DataFolder data, string runId) =>
    [
        .. FilesOfData(data, runId).Concat(Directory.Exists(data.Run(runId))
            ? Directory.EnumerateFiles(data.Run(runId), "*", SearchOption.AllDirectories).Where(IsWeights)
            : []).Distinct(),
    ];

    private static bool IsWeights(string file) => Path.GetExtension(file) is ".gguf" or ".safetensors" or DataFolder.Unfinished or ".tmp";

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException) // cut off
        {
            return false;
        }
    }

    /// <summary>Removes what only an unfinished run needs: checkpoints and the candidate. Data, reports and adapter stay.</summary>
    public void RemoveScaffolding()
    {
        foreach (string file in (string[])[Asked, Erased, Rows])
            File.Delete(file);
        foreach (string file in Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories))
            if (IsWeights(file) && file != Adapter && Path.GetFileName(file) != DataFolder.PeftWeights)
                File.Delete(file);
    }
}
