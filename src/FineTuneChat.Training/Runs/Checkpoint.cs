using System.Runtime.InteropServices;
using System.Text.Json;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Optimization;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// The state of a run as a GGUF file: parameters, both moments, the step, and the losses that it decides by. The data order and all that is random are
/// functions of seed and step, so nothing else is needed to go on bit for bit. A file appears under its name only when it is complete and on disk.
/// </summary>
internal static class Checkpoint
{
    private const string Step = "training.step";
    private const string Identity = "training.identity";
    private const string State = "training.state";

    /// <summary>Writes the state.</summary>
    /// <param name="path">Where to; an older checkpoint is replaced.</param>
    /// <param name="identity">What the run is: base, data and options.</param>
    /// <param name="parameters">Values.</param>
    /// <param name="optimizer">Moments and step count.</param>
    /// <param name="state">The rest.</param>
    public static void Save(string path, RunIdentity identity, ParameterSet parameters, AdamW optimizer, RunState state)
    {
        var writer = new GgufWriter();
        writer.Metadata.Set("general.type", "training-checkpoint");
        writer.Metadata.Set(Identity, identity.ToText());
        writer.Metadata.Set(Step, (uint)optimizer.StepCount);
        writer.Metadata.Set(State, JsonSerializer.Serialize(state));
        for (int i = 0; i < parameters.All.Count; i++)
        {
            Parameter parameter = parameters.All[i];
            long[] shape = [parameter.Value.ElementCount];
            writer.Add($"{i}", GgmlType.F32, shape, stream => stream.Write(MemoryMarshal.AsBytes(parameter.Value.AsSpan<float>())));
            writer.Add($"{i}.m", shape, optimizer.First[i]);
            writer.Add($"{i}.v", shape, optimizer.Second[i]);
        }

        writer.Save(path);
    }

    /// <summary>Whether there is a checkpoint that a run can take up.</summary>
    /// <param name="path">The checkpoint's file.</param>
    /// <param name="identity">What the run is.</param>
    /// <param name="anew">How the user can start over in the same folder, for the message.</param>
    /// <param name="restarts">Whether the checkpoint of another run is put aside; otherwise it is refused.</param>
    /// <param name="tell">Is told when a checkpoint is put aside, so that the run begins at its start.</param>
    /// <exception cref="InvalidDataException">The checkpoint is of another run: the message says what differs. Nothing is changed.</exception>
    public static bool IsOf(string path, RunIdentity identity, string anew, bool restarts, Action<string>? tell)
    {
        if (!File.Exists(path))
            return false;
        GgufFile file;
        try
        {
            file = GgufFile.Open(path);
        }
        catch (GgufException e)
        {
            return PutAside(path, $"cannot be read ({e.Message})", tell);
        }

        if (RunIdentity.Parse(file.Metadata.Text(Identity)) is not { } earlier)
            return PutAside(path, "was written by another version of this program", tell);
        if (identity.ChangesSince(earlier) is not { Count: > 0 } changes)
            return true;
        string differs = $"is of another run: {string.Join("; ", changes)}";
        if (restarts)
            return PutAside(path, differs, tell);
        throw new InvalidDataException(
            $"The checkpoint {path} {differs}. A run goes on with the base, the data and the options that it was started with: give these again, start over "
            + $"{anew}, or choose another folder with --out. The checkpoint is left as it is.");
    }

    /// <summary>Takes up the state of an earlier run: of the same one, see <see cref="IsOf"/>.</summary>
    /// <exception cref="GgufException">The file does not fit the parameters.</exception>
    public static RunState Load(string path, ParameterSet parameters, AdamW optimizer)
    {
        using MappedModel state = MappedModel.Open(path);
        for (int i = 0; i < parameters.All.Count; i++)
        {
            state[$"{i}"].AsSpan<float>().CopyTo(parameters.All[i].Value.AsSpan<float>());
            state[$"{i}.m"].AsSpan<float>().CopyTo(optimizer.First[i]);
            state[$"{i}.v"].AsSpan<float>().CopyTo(optimizer.Second[i]);
        }

        optimizer.StepCount = (int)state.File.Metadata.Integer(Step)!.Value;
        return JsonSerializer.Deserialize<RunState>(state.File.Metadata.Text(State) ?? "{}")!;
    }

    /// <summary>Keeps a checkpoint that is not taken up, under another name: the run will write its own.</summary>
    private static bool PutAside(string path, string why, Action<string>? tell)
    {
        string kept = Path.ChangeExtension(path, ".old.gguf");
        File.Move(path, kept, overwrite: true);
        tell?.Invoke($"The checkpoint {path} {why}. The run starts over; the old checkpoint is kept as {kept}.");
        return false;
    }
}
