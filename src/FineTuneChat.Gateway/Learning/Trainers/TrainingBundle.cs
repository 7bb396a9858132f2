using System.Text.Json;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>
/// What a trainer elsewhere needs, in a folder of the run: the rows, how they are to be learned, and of which base. It goes when the adapter has come.
/// </summary>
internal sealed class TrainingBundle(RunFolder run)
{
    private const string TrainName = "train.jsonl", ValidName = "valid.jsonl", OutputName = "output";

    public string Root => run.Bundle;

    /// <summary>Rows to learn, and beside them what the base said of itself: so that it goes on saying it.</summary>
    public string Train => Path.Combine(Root, TrainName);

    /// <summary>Rows to measure on; not there where none are held out.</summary>
    public string Valid => Path.Combine(Root, ValidName);

    /// <summary>Where PEFT's two files are left.</summary>
    public string Output => Path.Combine(Root, OutputName);

    /// <summary>The process that is at work on it.</summary>
    public string Mark => Path.Combine(Root, "process.json");

    private string Description => Path.Combine(Root, "bundle.json");

    /// <summary>Writes it, unless it is there.</summary>
    /// <exception cref="VerbException">Nothing in it could be learned elsewhere.</exception>
    public void Write(Assistant assistant, Run of, TrainedBase trained)
    {
        if (File.Exists(Description))
            return;
        if (!RunFolder.HasRows(run.Dataset))
            throw new VerbException("Replies that were rated down are all that there is to learn, and a trainer elsewhere learns from examples alone. "
                + $"Rate a reply up, write a better one, or set {TrainerSettings.Section}:Kind to {TrainerSettings.Local}.");
        PrivateFile.CreateFolder(Root);
        string[] rows = [.. run.AllRows()];
        PrivateFile.WriteLines(Train, rows);
        if (of.HeldOut > 0)
            File.Copy(run.HeldOut, Valid, overwrite: true);
        var bundle = new BundleFile
        {
            Run = of.Id,
            Assistant = assistant.Id,
            Base = new BundleBase(trained.Name, trained.Revision, assistant.Base.Path, assistant.Base.Sha256),
            Train = TrainName,
            Rows = rows.Length,
            Valid = of.HeldOut > 0 ? ValidName : null,
            Output = OutputName,
            Options = of.Options,
        };
        PrivateFile.WriteLines(Path.Combine(Root, "axolotl.yml"), AxolotlText.Of(bundle));
        PrivateFile.WriteLines(Path.Combine(Root, "README.md"), [BundleReadme.Of(bundle)]);
        PrivateFile.WriteLines(Description, [JsonSerializer.Serialize(bundle, TrainersJson.Wire.BundleFile)]); // last: when it is there, all are
    }

    public void Remove() => Directory.Delete(Root, recursive: true);
}

/// <summary><c>bundle.json</c>.</summary>
internal sealed record BundleFile
{
    public required string Run { get; init; }
    public required string Assistant { get; init; }
    public required BundleBase Base { get; init; }
    public required string Train { get; init; }
    public required int Rows { get; init; }
    public required string? Valid { get; init; }
    public required string Output { get; init; }

    /// <summary>As in docs/training.md; what is null is the trainer's choice.</summary>
    public required RunOptions Options { get; init; }
}

/// <summary>The model that is to be trained on.</summary>
/// <param name="Name">On the hub, as far as that is known.</param>
/// <param name="Revision">The commit there; null: not known.</param>
/// <param name="File">The GGUF that was made of it, on the gateway's machine.</param>
/// <param name="Sha256">Of that file.</param>
internal sealed record BundleBase(string Name, string? Revision, string File, string Sha256);
