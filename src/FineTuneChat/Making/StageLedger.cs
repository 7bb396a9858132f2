using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Making;

/// <summary>
/// <c>make.json</c>: which stages are done, of what, and with what result. A stage is done when its record is there, its inputs are the same and its files
/// are as it left them; so a second run does nothing, and one after an interruption does what is left.
/// </summary>
internal sealed class StageLedger(MakeFolder folder, int stages, Action<string> tell)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<StageRecord> _done = [];
    private readonly List<StageRecord> _earlier = Read(folder.Record);
    private readonly Dictionary<string, string> _hashes = [];

    /// <summary>Stages that had something to do.</summary>
    public int Worked { get; private set; }

    public IReadOnlyList<StageRecord> Done => _done;

    /// <summary>Does a stage, unless it is done.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="title">What it does, for people.</param>
    /// <param name="inputs">All that decides its result.</param>
    /// <param name="work">Does it; what it returns is complete and under its final name.</param>
    public async Task<StageRecord> RunAsync(
        string stage, string title, IReadOnlyDictionary<string, string> inputs, Func<Task<(JsonElement Result, IReadOnlyList<string> Files)>> work)
    {
        string place = $"[{_done.Count + 1}/{stages}] {title}";
        StageRecord? earlier = _earlier.FirstOrDefault(r => r.Stage == stage);
        string? obstacle = earlier is null ? null : await ObstacleAsync(earlier, inputs);
        if (earlier is not null && obstacle is null)
        {
            tell($"{place}: is done.");
            _done.Add(earlier);
            return earlier;
        }
        tell(earlier is null ? $"{place} …" : $"{place} again: {obstacle} …");
        Worked++;
        var clock = Stopwatch.StartNew();
        (JsonElement result, IReadOnlyList<string> files) = await work();
        var outputs = new Dictionary<string, string>();
        foreach (string file in files)
            outputs[Path.GetRelativePath(folder.Root, file)] = await HashAsync(file, isNew: true);
        var record = new StageRecord(stage, inputs, outputs, Math.Round(clock.Elapsed.TotalSeconds, 2), result);
        _done.Add(record);
        Write();
        return record;
    }

    /// <summary>A file's content as an input.</summary>
    public async Task<string> HashAsync(string path, bool isNew = false)
    {
        if (isNew || !_hashes.TryGetValue(path, out string? known))
            _hashes[path] = known = StageRecord.FilePrefix + await FileHash.ComputeAsync(path);
        return known;
    }

    /// <summary>Why a stage must be done again; null: it need not.</summary>
    private async Task<string?> ObstacleAsync(StageRecord earlier, IReadOnlyDictionary<string, string> inputs)
    {
        if (earlier.ChangesTo(inputs) is { Count: > 0 } changes)
            return string.Join("; ", changes);
        foreach ((string file, string hash) in earlier.Outputs)
        {
            string path = Path.Combine(folder.Root, file);
            if (!File.Exists(path) || await HashAsync(path) != hash)
                return $"{file} {(File.Exists(path) ? "is not as it was made" : "is gone")}";
        }
        return null;
    }

    /// <summary>Stages done now, then those of an earlier run that were not come to yet: their work may be good still.</summary>
    private void Write()
    {
        string unfinished = folder.Record + DataFolder.Unfinished;
        StageRecord[] all = [.. _done, .. _earlier.Where(e => _done.All(d => d.Stage != e.Stage))];
        File.WriteAllText(unfinished, JsonSerializer.Serialize(all, Json));
        File.Move(unfinished, folder.Record, overwrite: true);
    }

    private static List<StageRecord> Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<List<StageRecord>>(File.ReadAllText(path), Json)! : [];
        }
        catch (JsonException) // of another version of the program: all is done anew
        {
            return [];
        }
    }
}
