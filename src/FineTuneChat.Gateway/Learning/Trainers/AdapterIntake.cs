using System.Text.Json;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>Takes an adapter that was trained elsewhere into its run: whose it is, whether it fits, then the files that a run expects of its trainer.</summary>
internal sealed class AdapterIntake(TrainerSettings settings)
{
    /// <param name="assistant">Whose base it must be of.</param>
    /// <param name="run">Which it is for.</param>
    /// <param name="folder">Gets the files, <c>run.json</c> last.</param>
    /// <param name="output">PEFT's two files.</param>
    /// <param name="rank">That was asked for; null: any.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="VerbException">It is refused, with the reason.</exception>
    public async Task TakeAsync(Assistant assistant, Run run, RunFolder folder, string output, int? rank, CancellationToken cancellation)
    {
        PeftFolder adapter = PeftFolder.Open(output);
        if (Problem(adapter, TrainedBase.Of(assistant.Base, settings), rank) is { } problem)
            throw new VerbException($"The trainer's adapter is not used: {problem}.");
        JsonElement converted = await ProgramVerb.RunAsync(
            ["convert", output, "--base", assistant.Base.Path, "--out", folder.Adapter], _ => { }, cancellation);
        foreach (string name in (string[])[PeftFolder.WeightsName, PeftFolder.ConfigName])
            File.Move(Path.Combine(output, name), Path.Combine(folder.Root, name), overwrite: true);
        var report = new ForeignReport
        {
            Trainer = settings.Kind,
            Base = assistant.Base.Path,
            BaseSha256 = assistant.Base.Sha256,
            DatasetSha256 = await FileHash.ComputeAsync(folder.Dataset),
            Examples = run.Examples,
            Adapter = converted,
            Progress = run.Progress,
        };
        PrivateFile.WriteLines(folder.TrainerReport, [JsonSerializer.Serialize(report, TrainersJson.Wire.ForeignReport)]);
    }

    private static string? Problem(PeftFolder adapter, TrainedBase @base, int? rank) => @base.Problem(adapter)
        ?? (rank is { } asked && adapter.Rank is { } given && asked != given
            ? $"its rank is {given}, the run asked for {asked} ({RetrainingSettings.Section}:Rank)"
            : null);
}

/// <summary><c>run.json</c> of an adapter that was trained elsewhere.</summary>
internal sealed record ForeignReport
{
    public required string Trainer { get; init; }
    public required string Base { get; init; }
    public required string BaseSha256 { get; init; }
    public required string DatasetSha256 { get; init; }
    public required int Examples { get; init; }

    /// <summary>What <c>convert</c> says of it.</summary>
    public required JsonElement Adapter { get; init; }

    /// <summary>The last that was told.</summary>
    public required RunProgress? Progress { get; init; }
}
