using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Telemetry;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>
/// One run: accepted examples → dataset → train → export → evaluate → gate → version → swap, if the gate accepts it. Every step can be done again after
/// a crash: what is on disk under its final name is complete.
/// </summary>
internal sealed class RetrainingJob(
    AssistantRegistry assistants, RunPreparation preparation, IGuestRuns guests, ITrainer trainer, VersionSwitch inService, DataFolder data,
    RetrainingSettings settings, EngineSettings engineSettings, GateMeasuring measuring, RemovalMeasuring removals, TaughtStore taught)
{
    private string[] Rope { get; } = [.. OptionTable.Arguments(engineSettings, option => option.IsRope)]; // measured as the engine will serve

    public async Task RunAsync(RunReporter reporter, CancellationToken cancellation)
    {
        using Activity? span = Instruments.Source.StartActivity("learn");
        span?.SetTag("finetunechat.run.id", reporter.Current.Id);
        Assistant assistant = assistants.Require(Caller.Local, reporter.Current.Assistant);
        var folder = new RunFolder(data, reporter.Current.Id);
        if (guests.Has(reporter.Current.Id))
        {
            await guests.PrepareAsync(reporter, folder);
            await TrainAsync(assistant, reporter, folder, cancellation);
            await guests.HandOverAsync(reporter.Current, folder);
            await reporter.FinishAsync(reporter.Current with { Status = RunStatus.Succeeded });
            return;
        }
        if (assistant.Versions.List().FirstOrDefault(v => v.RunId == reporter.Current.Id) is not { } version)
        {
            await preparation.PrepareAsync(assistant, reporter, folder, cancellation);
            await TrainAsync(assistant, reporter, folder, cancellation);
            Candidate candidate = await ExportAsync(assistant, reporter, folder, cancellation);
            GateVerdict verdict = await EvaluateAsync(assistant, reporter, folder, candidate, cancellation);
            version = await PublishAsync(assistant, reporter, folder, candidate, verdict);
        }
        if (version.Status == VersionStatus.Refused)
        {
            await reporter.FinishAsync(reporter.Current with { Status = RunStatus.Refused, Version = version.Number });
            return;
        }
        if (!inService.MovesHere(version)) // that is for a person to choose
            await ServeAsync(version);
        await reporter.FinishAsync(reporter.Current with { Status = RunStatus.Succeeded, Version = version.Number });
    }

    /// <summary>2. The adapter, trained on the base as it came.</summary>
    private async Task TrainAsync(Assistant assistant, RunReporter reporter, RunFolder folder, CancellationToken cancellation)
    {
        if (folder.IsTrained)
            return;
        await reporter.SetAsync(reporter.Current with { Status = RunStatus.Training });
        await trainer.TrainAsync(assistant, reporter, folder, cancellation);
    }

    /// <summary>
    /// 3. The file that would serve, of the type asked for unless that loses what was learned. A base of few bits keeps its weights and serves with the
    /// adapter beside them, and so does any other where the settings say so, or a server elsewhere is to take it.
    /// </summary>
    private async Task<Candidate> ExportAsync(Assistant assistant, RunReporter reporter, RunFolder folder, CancellationToken cancellation)
    {
        bool isBeside = (settings.ServeAs == RetrainingSettings.Adapter || inService.AreElsewhere(assistant))
            && AdapterFile.CanStandBeside(GgufFile.Open(folder.Adapter));
        if (isBeside || !assistant.Base.IsHighPrecision)
            return new Candidate(assistant.Base.Path, folder.Adapter, $"{assistant.Base.Type}+LoRA", null);
        await reporter.SetAsync(reporter.Current with { Status = RunStatus.Exporting });
        string type = reporter.Current.Options.ExportType!, path = folder.Candidate(type, reporter.Current.Attempts);
        List<string> arguments =
        [
            "export", "--base", assistant.Base.Path, "--adapter", folder.Adapter, "--type", type, "--out", path,
            "--threads", $"{settings.TrainerThreads}", .. Rope,
            "--name", assistant.Id, "--model-version", $"{assistant.Versions.NextNumber()}",
            "--data", RunFolder.HasRows(folder.Accepted) ? folder.Accepted : folder.Unwanted,
        ];
        if (reporter.Current.HeldOut > 0)
            arguments.AddRange(["--val", folder.HeldOut]);
        JsonElement result = await ProgramVerb.RunAsync(arguments, _ => { }, cancellation);
        return new Candidate(path, null, result.GetProperty("type").GetString()!, result);
    }

    /// <summary>4. The exported file: whether it says what it was taught, and still can what the base could.</summary>
    private async Task<GateVerdict> EvaluateAsync(
        Assistant assistant, RunReporter reporter, RunFolder folder, Candidate candidate, CancellationToken cancellation)
    {
        await reporter.SetAsync(reporter.Current with { Status = RunStatus.Evaluating });
        string run = reporter.Current.Id;
        var model = new MeasuredModel(candidate.Model, candidate.Adapter);
        GateInput input = await measuring.MeasureAsync(assistant, run, folder, model, cancellation);
        Removal removal = await removals.MeasureAsync(assistant, run, folder, model, input, cancellation);
        await taught.KeepAsync(run, input.Taught);
        return RemovalRules.Decide(input, removal, settings);
    }

    /// <summary>5. The version's folder, whole or not there, then its record. A refused one, too: it can be tried, and used all the same.</summary>
    private async Task<ModelVersion> PublishAsync(
        Assistant assistant, RunReporter reporter, RunFolder folder, Candidate candidate, GateVerdict verdict)
    {
        bool isMerged = candidate.Adapter is null;
        int number = assistant.Versions.NextNumber();
        string versions = data.VersionsOf(assistant.Id);
        string unfinished = VersionFolder.Begin(versions, number);
        File.Copy(folder.Adapter, Path.Combine(unfinished, "adapter.gguf"));
        string name = isMerged ? $"model-{candidate.Type}.gguf" : "adapter.gguf";
        if (isMerged)
            File.Move(candidate.Model, Path.Combine(unfinished, name));
        var report = new VersionReport
        {
            Number = number,
            RunId = reporter.Current.Id,
            Base = assistant.Base.Name,
            BaseSha256 = assistant.Base.Sha256,
            DatasetSha256 = await FileHash.ComputeAsync(folder.Dataset),
            Options = reporter.Current.Options,
            Training = File.Exists(folder.TrainerReport) ? JsonElement.Parse(await File.ReadAllTextAsync(folder.TrainerReport)) : null,
            Export = candidate.Report,
            Gate = verdict,
        };
        PrivateFile.WriteLines(Path.Combine(unfinished, "run.json"), [JsonSerializer.Serialize(report, VersionsJson.Wire.VersionReport)]);
        string path = Path.GetRelativePath(data.Root, VersionFolder.Finish(versions, number));

        string file = Path.Combine(path, name);
        var version = new ModelVersion
        {
            Number = number,
            Active = false,
            CreatedAt = 0,
            Base = assistant.Base.Name,
            BaseSha256 = assistant.Base.Sha256,
            RunId = reporter.Current.Id,
            File = file,
            Adapter = isMerged ? null : file,
            Type = candidate.Type,
            Bytes = new FileInfo(Path.Combine(data.Root, file)).Length,
            Figures = JsonSerializer.SerializeToElement(verdict.Figures, GateJson.Wire.IReadOnlyDictionaryStringGateFigure),
            Sha256 = await FileHash.ComputeAsync(Path.Combine(data.Root, file)),
            Status = verdict.Accepted ? VersionStatus.Accepted : VersionStatus.Refused,
        };
        await reporter.SetAsync(reporter.Current with { Gate = verdict }); // first: who finds the version finds its verdict
        await assistant.Versions.AddAsync(version);
        await reporter.SetAsync(reporter.Current with { Version = number });
        return assistant.Versions.Find(number)!;
    }

    /// <summary>6. The swap. From here on there is no way back but another version.</summary>
    private async Task ServeAsync(ModelVersion version)
    {
        try
        {
            await inService.SwitchAsync(version, CancellationToken.None);
        }
        catch (EngineException e)
        {
            throw new VerbException($"Version {version.Number} is written but does not start, the one in service stays: {e.Message}");
        }
    }

    /// <summary>What may become a version: a merged file, or the base with an adapter beside it.</summary>
    private sealed record Candidate(string Model, string? Adapter, string Type, JsonElement? Report);
}
