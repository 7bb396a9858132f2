using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Evaluation;

/// <summary>Finds out why a model computes numbers that are not finite.</summary>
internal static class FiniteWeights
{
    /// <summary>Refuses to make something of numbers that are not finite.</summary>
    /// <param name="model">The base.</param>
    /// <param name="adapter">Its adapter.</param>
    /// <param name="adapterPath">Where the adapter came from.</param>
    /// <exception cref="InvalidDataException">One of them holds such a number; the message says where.</exception>
    public static void Require(MappedModel model, LoraAdapter adapter, string adapterPath)
    {
        string? fault = FaultOf(model);
        if (fault is null && adapter.Parameters.All.FirstOrDefault(p => !p.Value.IsFinite()) is { } parameter)
            fault = Fault(adapterPath, parameter.Name);
        if (fault is not null)
            throw new InvalidDataException(fault);
    }

    /// <summary>A sentence that names the first tensor with a number that is not finite, and what to do; null when all are finite.</summary>
    /// <param name="model">A model or an adapter.</param>
    public static string? FaultOf(MappedModel model) =>
        model.File.Tensors.FirstOrDefault(t => !model[t.Name].IsFinite()) is { } tensor ? Fault(model.File.Path, tensor.Name) : null;

    /// <summary>Why predictions are not finite: a sentence about the files that gave them.</summary>
    /// <param name="paths">Models and adapters; null: there is none.</param>
    public static string FaultOf(params IEnumerable<string?> paths)
    {
        string[] files = [.. paths.OfType<string>().Distinct()];
        foreach (string path in files)
        {
            using MappedModel model = MappedModel.Open(path);
            if (FaultOf(model) is { } fault)
                return fault;
        }

        return $"{string.Join(" with ", files)}: predictions are not finite (NaN or infinite), although all weights are: the computation overflows. "
            + "Use another file of the model, or another adapter.";
    }

    private static string Fault(string path, string tensor) =>
        $"{path}: tensor '{tensor}' holds numbers that are not finite (NaN or infinite): the file is damaged, or was made from one that is. "
        + "Get it again, or make it again.";
}
