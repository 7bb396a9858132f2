using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs.Operations;

namespace FineTuneChat.Training.Graphs;

/// <summary>The differentiable forward pass of a Llama-architecture model (Touvron et al. 2023, arXiv 2302.13971), as llama.cpp computes it.</summary>
internal sealed class Decoder(DecoderShape shape, DecoderWeights weights)
{
    public DecoderShape Shape => shape;

    /// <summary>Token embeddings.</summary>
    /// <returns>[width, tokens].</returns>
    public Tensor Embed(Tape tape, PackedInputs inputs) =>
        tape.Embedding(weights["token_embd.weight"], weights.Parameter("token_embd.weight"), inputs.Tokens);

    /// <summary>One transformer block.</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="x">[width, tokens].</param>
    /// <param name="layer">Counted from 0.</param>
    /// <param name="inputs">Positions and sequence starts.</param>
    /// <returns>[width, tokens].</returns>
    public Tensor Block(Tape tape, Tensor x, int layer, PackedInputs inputs)
    {
        string block = $"blk.{layer}.";
        x = tape.Add(x, Attend(tape, Norm(tape, x, block + "attn_norm.weight"), block, inputs));
        return tape.Add(x, FeedForward(tape, Norm(tape, x, block + "ffn_norm.weight"), block));
    }

    /// <summary>Norm before the head.</summary>
    public Tensor OutputNorm(Tape tape, Tensor x) => Norm(tape, x, "output_norm.weight");

    /// <summary>Logits of normed rows.</summary>
    /// <returns>[vocabulary, rows].</returns>
    public Tensor Head(Tape tape, Tensor x) => Linear(tape, x, shape.TiedHead ? "token_embd.weight" : "output.weight");

    private Tensor Attend(Tape tape, Tensor x, string block, PackedInputs inputs)
    {
        long tokens = x.Size(1);
        Tensor q = tape.Reshape(Linear(tape, x, block + "attn_q.weight"), shape.HeadWidth, shape.Heads, tokens);
        Tensor k = tape.Reshape(Linear(tape, x, block + "attn_k.weight"), shape.HeadWidth, shape.KvHeads, tokens);
        Tensor v = tape.Reshape(Linear(tape, x, block + "attn_v.weight"), shape.HeadWidth, shape.KvHeads, tokens);
        q = tape.Rope(q, inputs.Positions, shape.Rope);
        k = tape.Rope(k, inputs.Positions, shape.Rope);
        Tensor attended = tape.Attention(q, k, v, inputs.Starts); // [headWidth, heads, tokens]
        return Linear(tape, tape.Reshape(attended, shape.HeadWidth * shape.Heads, tokens), block + "attn_output.weight");
    }

    private Tensor FeedForward(Tape tape, Tensor x, string block)
    {
        Tensor gate = Linear(tape, x, block + "ffn_gate.weight"); // [feedForward, tokens]
        Tensor up = Linear(tape, x, block + "ffn_up.weight");
        return Linear(tape, tape.SwiGlu(gate, up), block + "ffn_down.weight");
    }

    private Tensor Norm(Tape tape, Tensor x, string name) => tape.RmsNorm(x, weights[name], weights.Parameter(name), shape.NormEpsilon);

    private Tensor Linear(Tape tape, Tensor x, string name) => tape.Linear(x, weights[name], weights.Parameter(name), weights.Lora(name));
}
