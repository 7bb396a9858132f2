using System.Runtime.InteropServices;
using System.Text.Json;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Optimization;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// The state of a run as a GGUF file: parameters, both moments, the step, and what it decides by. The data order and all that is random are functions
/// of seed and step, so nothing else is needed to go on bit for bit. A file appears under its name only when it is complete and on disk.
/// </summary>
internal static class Checkpoint
{
    private const string Step = "training.step";
    private const string Identity = "training.identity";
    private const string State = "training.state";

    /// <summary>Writes the state.</summary>
    /// <param name="path">Where to; an older checkpoint is replaced.</param>
    /// <param name="identity">What the run is: base, data and options. Another run's checkpoint is not taken up.</param>
    /// <param name="parameters">Values.</param>
    /// <param name="optimizer">Moments and step count.</param>
    /// <param name="state">The rest.</param>
    public static void Save(string path, string identity, ParameterSet parameters, AdamW optimizer, RunState state)
    {
        var writer = new GgufWriter();
        writer.Metadata.Set("general.type", "training-checkpoint");
        writer.Metadata.Set(Identity, identity);
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

    /// <summary>Takes up the state of an earlier run of the same identity.</summary>
    /// <returns>Null when there is none: the run begins at its start.</returns>
    /// <exception cref="GgufException">The file is corrupt.</exception>
    public static RunState? Load(string path, string identity, ParameterSet parameters, AdamW optimizer)
    {
        if (!File.Exists(path))
            return null;
        using MappedModel state = MappedModel.Open(path);
        if (state.File.Metadata.Text(Identity) != identity || state.File.Tensors.Count != 3 * parameters.All.Count)
            return null;
        for (int i = 0; i < parameters.All.Count; i++)
        {
            state[$"{i}"].AsSpan<float>().CopyTo(parameters.All[i].Value.AsSpan<float>());
            state[$"{i}.m"].AsSpan<float>().CopyTo(optimizer.First[i]);
            state[$"{i}.v"].AsSpan<float>().CopyTo(optimizer.Second[i]);
        }

        optimizer.StepCount = (int)state.File.Metadata.Integer(Step)!.Value;
        return JsonSerializer.Deserialize<RunState>(state.File.Metadata.Text(State) ?? "{}");
    }
}
