using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Lora;

/// <summary>
/// Rows of the head that are trained beside the low-rank matrices, for tokens that the model can hardly write (PEFT's <c>trainable_token_indices</c>). LoRA
/// leaves the head as it is, so that no adapter can make such a token likely. Where the head is the embedding table, the token is read anew, too.
/// </summary>
public sealed class TokenRows : IDisposable
{
    private readonly TensorStore _store = new(capacity: 1);

    internal TokenRows(string weight, IReadOnlyList<int> tokens, Parameter added, long vocabulary)
    {
        Weight = weight;
        Tokens = tokens;
        Added = added;
        Choice = _store.Add($"{weight}.choice", GgmlType.F32, tokens.Count, vocabulary);
        _store.Allocate();
        Span<float> choice = Choice.AsSpan<float>();
        for (int k = 0; k < tokens.Count; k++)
            choice[(tokens[k] * tokens.Count) + k] = 1;
    }

    /// <summary>The head's name: <c>output.weight</c>, or <c>token_embd.weight</c> where the embedding table is the head.</summary>
    public string Weight { get; }

    /// <summary>Ids of the tokens, ascending.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>What is added to their rows, zero at first: [width, tokens].</summary>
    public Parameter Added { get; }

    /// <summary>Which row is whose, constant: [tokens, vocabulary], a 1 in the column of each of the tokens.</summary>
    internal Tensor Choice { get; }

    /// <summary>The rows as a pair beside the head whose second matrix is frozen: W' = W + choice · added.</summary>
    internal LoraPair Pair => new(Added, new Parameter(Choice.Name, Choice, default, Decays: false), Scale: 1);

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _store.Dispose();

    /// <summary>Some rows of a head as floats, [width, tokens].</summary>
    internal static float[] Read(Tensor head, IReadOnlyList<int> tokens, Backend backend)
    {
        using var graph = new Graph(backend, capacity: 8);
        Tensor ids = graph.Input("ids", GgmlType.I32, tokens.Count), rows = graph.Output(graph.GetRows(head, ids));
        graph.Allocate();
        ids.Write<int>([.. tokens]);
        graph.Compute();
        return rows.Read<float>();
    }

    /// <summary>Name of the tensor that is the head of a model.</summary>
    internal static string HeadOf(GgufFile file) => file.Find("output.weight") is null ? "token_embd.weight" : "output.weight";
}
