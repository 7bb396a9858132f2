using FineTuneChat.Gguf;

namespace FineTuneChat.Native.Ggml;

/// <content>The loss.</content>
internal sealed partial class DeviceOperations
{
    /// <summary>
    /// With the highest logit h: −log p(label) = h − z(label) − log p(h), exact where p(label) is too small for a float. The label's element of the
    /// gradient is replaced: a one-hot matrix would be as large as the logits.
    /// </summary>
    public Tensor CrossEntropyBack(Tensor logits, Tensor labels, Tensor weights, Tensor losses)
    {
        long vocabulary = logits.Size(0), rows = logits.Size(1);
        Tensor label = _derived.Of<int>(labels, labels, GgmlType.I32, [1, rows], (values, places) =>
        {
            for (int i = 0; i < values.Length; i++)
                places[i] = Math.Max(values[i], 0); // a row without a label: its weight is 0
        });
        Tensor top = graph.Reshape(graph.IndexOfMax(logits), 1, rows); // [1, rows]
        Tensor z = graph.Reshape(logits, 1, vocabulary, rows), p = graph.SoftMax(logits), pz = graph.Reshape(p, 1, vocabulary, rows);
        Tensor behind = graph.Subtract(graph.GetRows(z, top), graph.GetRows(z, label)); // [1, 1, rows]
        Tensor loss = graph.Subtract(behind, graph.Logarithm(graph.GetRows(pz, top)));
        graph.Expand(graph.CopyTo(graph.SideBySide(graph.Reshape(loss, 1, rows), graph.Reshape(behind, 1, rows)), losses));

        Tensor weight = graph.Reshape(graph.Scale(weights, DeviceBackend.GradientScale), 1, rows);
        Tensor own = graph.Multiply(graph.Scale(graph.GetRows(pz, label), 1, -1), graph.Reshape(weight, 1, 1, rows)); // w·(p − 1) [1, 1, rows]
        graph.Expand(own);
        Tensor gradient = graph.WithRows(graph.Reshape(graph.Multiply(p, weight), 1, vocabulary, rows), own, label);
        return graph.Reshape(gradient, vocabulary, rows);
    }
}
