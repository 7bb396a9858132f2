using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs.Operations;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Graphs;

/// <summary>The differentiable forward pass of every architecture, as llama.cpp computes it: a Llama with what <see cref="Architecture"/> describes.</summary>
internal sealed class Decoder(DecoderShape shape, DecoderWeights weights)
{
    private readonly Architecture _architecture = shape.Architecture;

    public DecoderShape Shape => shape;

    /// <summary>Whether gelu is read from the table that llama.cpp serves with on the CPU, to compare with it; a table has no slope to follow.</summary>
    public bool GeluByTable { get; init; }

    /// <summary>Token embeddings.</summary>
    /// <returns>[width, tokens].</returns>
    public Tensor Embed(Tape tape, PackedInputs inputs)
    {
        Tensor x = tape.Embedding(weights["token_embd.weight"], weights.Parameter("token_embd.weight"), weights.Lora("token_embd.weight"), inputs.Tokens);
        return _architecture.ScaledEmbedding ? tape.Scale(x, MathF.Sqrt(shape.Width)) : x;
    }

    /// <summary>One transformer block.</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="x">[width, tokens].</param>
    /// <param name="layer">Counted from 0.</param>
    /// <param name="inputs">Positions and sequence starts.</param>
    /// <returns>[width, tokens].</returns>
    public Tensor Block(Tape tape, Tensor x, int layer, PackedInputs inputs)
    {
        string block = $"blk.{layer}.";
        Tensor attended = Attend(tape, Norm(tape, x, block + "attn_norm"), layer, inputs);
        x = tape.Add(x, _architecture.PostNorms ? Norm(tape, attended, block + "post_attention_norm") : attended);
        Tensor fed = FeedForward(tape, Norm(tape, x, block + "ffn_norm"), block);
        return tape.Add(x, _architecture.PostNorms ? Norm(tape, fed, block + "post_ffw_norm") : fed);
    }

    /// <summary>Norm before the head.</summary>
    public Tensor OutputNorm(Tape tape, Tensor x) => Norm(tape, x, "output_norm");

    /// <summary>Logits of normed rows.</summary>
    /// <returns>[vocabulary, rows].</returns>
    public Tensor Head(Tape tape, Tensor x)
    {
        Tensor logits = Linear(tape, x, shape.TiedHead ? "token_embd" : "output");
        return shape.LogitCap > 0 ? tape.SoftCap(logits, shape.LogitCap) : logits;
    }

    private Tensor Attend(Tape tape, Tensor x, int layer, PackedInputs inputs)
    {
        string block = $"blk.{layer}.";
        Tensor q = Heads(tape, x, block, "attn_q", 0, shape.Heads);
        Tensor k = Heads(tape, x, block, "attn_k", shape.Heads, shape.KvHeads);
        Tensor v = Heads(tape, x, block, "attn_v", shape.Heads + shape.KvHeads, shape.KvHeads);
        if (_architecture.QueryKeyNorm)
        {
            q = Norm(tape, q, block + "attn_q_norm");
            k = Norm(tape, k, block + "attn_k_norm");
        }

        if (Rope(layer) is { } rope)
        {
            q = tape.Rope(q, inputs.Positions, rope);
            k = tape.Rope(k, inputs.Positions, rope);
        }

        Tensor attended = tape.Attention(q, k, v, inputs.Starts, shape.AttentionOf(layer)); // [headWidth, heads, tokens]
        return Linear(tape, tape.Reshape(attended, shape.HeadWidth * shape.Heads, x.Size(1)), block + "attn_output");
    }

    /// <summary>Queries, keys or values: of their own matrix, or of their rows of the fused one.</summary>
    /// <returns>[headWidth, heads, tokens].</returns>
    private Tensor Heads(Tape tape, Tensor x, string block, string name, long first, long heads)
    {
        Tensor y = weights.Contains(block + "attn_qkv.weight")
            ? Linear(tape, x, block + "attn_qkv", first * shape.HeadWidth, heads * shape.HeadWidth)
            : Linear(tape, x, block + name);
        return tape.Reshape(y, shape.HeadWidth, heads, x.Size(1));
    }

    private RopeParameters? Rope(int layer) => shape.RopeOf(layer) is { } rope && shape.FrequencyFactors is { } factors
        ? rope with { FrequencyFactors = weights[factors] }
        : shape.RopeOf(layer);

    private Tensor FeedForward(Tape tape, Tensor x, string block)
    {
        bool fused = _architecture.FusedGateUp;
        Tensor gate = fused ? Linear(tape, x, block + "ffn_up", 0, shape.FeedForward) : Linear(tape, x, block + "ffn_gate"); // [feedForward, tokens]
        Tensor up = fused ? Linear(tape, x, block + "ffn_up", shape.FeedForward, shape.FeedForward) : Linear(tape, x, block + "ffn_up");
        Tensor active = _architecture.Activation == Activation.GeGlu ? tape.GeGlu(gate, up, GeluByTable) : tape.SwiGlu(gate, up);
        return Linear(tape, active, block + "ffn_down");
    }

    private Tensor Norm(Tape tape, Tensor x, string name) =>
        tape.RmsNorm(x, weights[name + ".weight"], weights.Parameter(name + ".weight"), shape.NormEpsilon);

    private Tensor Linear(Tape tape, Tensor x, string name)
    {
        weights.Observe?.Invoke(tape.Graph, name + ".weight", x);
        Tensor y = tape.Linear(x, weights[name + ".weight"], weights.Parameter(name + ".weight"), weights.Lora(name + ".weight"));
        return weights.Contains(name + ".bias") ? tape.Bias(y, weights[name + ".bias"], weights.Parameter(name + ".bias")) : y;
    }

    /// <summary>Some rows of a fused matrix: in it whole matrices lie one after the other, and so do their parts of the adapter's B.</summary>
    private Tensor Linear(Tape tape, Tensor x, string name, long first, long count)
    {
        Graph graph = tape.Graph;
        if (first == 0)
            weights.Observe?.Invoke(graph, name + ".weight", x);
        Tensor Rows(Tensor matrix) => graph.Rows(matrix, first, count);
        Tensor Elements(Tensor vector) => graph.View(vector, first, count, 1, count);
        Parameter? Part(Parameter? whole, Func<Tensor, Tensor> of) =>
            whole == null ? null : whole with { Value = of(whole.Value), Gradient = of(whole.Gradient) };

        LoraPair? lora = weights.Lora(name + ".weight");
        Tensor y = tape.Linear(
            x, Rows(weights[name + ".weight"]), Part(weights.Parameter(name + ".weight"), Rows), lora == null ? null : lora with { B = Part(lora.B, Rows)! });
        return weights.Contains(name + ".bias") ? tape.Bias(y, Elements(weights[name + ".bias"]), Part(weights.Parameter(name + ".bias"), Elements)) : y;
    }
}
