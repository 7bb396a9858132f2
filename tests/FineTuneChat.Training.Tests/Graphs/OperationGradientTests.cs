using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Graphs.Operations;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Tests.Graphs;

public sealed class OperationGradientTests : IDisposable
{
    private const double Tolerance = 0.01;

    private readonly GradientCheck _check = new();

    public void Dispose() => _check.Dispose();

    [Fact]
    public void Add_passes_the_gradient_to_both()
    {
        Tensor a = _check.Input(1, 5, 7), b = _check.Input(1, 5, 7);
        Assert.InRange(_check.LargestError(tape => tape.Add(a, b)), 0, Tolerance);
    }

    [Fact]
    public void Reshape_passes_the_gradient_back_in_the_old_shape()
    {
        Tensor x = _check.Input(1, 6, 4);
        Assert.InRange(_check.LargestError(tape => tape.Reshape(x, 3, 2, 4)), 0, Tolerance);
    }

    [Theory]
    [InlineData(16, 3)]
    [InlineData(37, 5)]
    public void RmsNorm_has_gradients_for_input_and_weight(int width, int rows)
    {
        Tensor x = _check.Input(1, width, rows);
        Parameter weight = _check.Parameter(1, width);
        Assert.InRange(_check.LargestError(tape => tape.RmsNorm(x, weight.Value, weight, 1e-5f), weight), 0, Tolerance);
    }

    [Fact]
    public void SwiGlu_has_gradients_for_gate_and_up()
    {
        Tensor gate = _check.Input(1.5f, 19, 4), up = _check.Input(1, 19, 4);
        Assert.InRange(_check.LargestError(tape => tape.SwiGlu(gate, up)), 0, Tolerance);
    }

    [Theory]
    [InlineData(RopeMode.Normal, 16, 16)]
    [InlineData(RopeMode.NeoX, 16, 8)]
    public void Rope_rotates_the_gradient_back(RopeMode mode, int headWidth, int rotated)
    {
        Tensor x = _check.Input(1, headWidth, 3, 5), positions = _check.Integers(0, 1, 2, 7, 100);
        Assert.InRange(_check.LargestError(tape => tape.Rope(x, positions, new RopeParameters(rotated, mode, 10_000))), 0, Tolerance);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 1)]
    public void Attention_has_gradients_for_queries_keys_and_values_of_packed_sequences(int heads, int kvHeads)
    {
        Tensor q = _check.Input(1, 8, heads, 9), k = _check.Input(1, 8, kvHeads, 9), v = _check.Input(1, 8, kvHeads, 9);
        Tensor starts = _check.Integers(0, 0, 0, 0, 4, 4, 4, 4, 8);
        Assert.InRange(_check.LargestError(tape => tape.Attention(q, k, v, starts)), 0, Tolerance);
    }

    [Fact]
    public void Embedding_adds_the_gradient_of_every_use_to_the_table()
    {
        Parameter table = _check.Parameter(1, 12, 6);
        Tensor tokens = _check.Integers(5, 0, 5, 2);
        Assert.InRange(_check.LargestError(tape => tape.Embedding(table.Value, table, tokens), table), 0, Tolerance);
    }

    [Fact]
    public void PickRows_scatters_the_gradient()
    {
        Tensor x = _check.Input(1, 12, 6), rows = _check.Integers(1, 4, 4);
        Assert.InRange(_check.LargestError(tape => tape.PickRows(x, rows)), 0, Tolerance);
    }

    [Theory]
    [InlineData(33, 47, 5)]
    [InlineData(64, 96, 40)]
    [InlineData(1, 3, 2)]
    public void Linear_has_gradients_for_input_and_trained_weight(int input, int output, int tokens)
    {
        Tensor x = _check.Input(1, input, tokens);
        Parameter weight = _check.Parameter(0.3f, input, output);
        Assert.InRange(_check.LargestError(tape => tape.Linear(x, weight.Value, weight, null), weight), 0, Tolerance);
    }

    [Theory]
    [InlineData(33, 47, 5, 4)]
    [InlineData(64, 64, 17, 16)]
    public void Linear_with_an_adapter_has_gradients_for_input_and_both_matrices(int input, int output, int tokens, int rank)
    {
        Tensor x = _check.Input(1, input, tokens), weight = _check.Constant(0.3f, 0, input, output);
        Parameter a = _check.Parameter(0.3f, input, rank), b = _check.Parameter(0.3f, rank, output);
        Assert.InRange(_check.LargestError(tape => tape.Linear(x, weight, null, new LoraPair(a, b, 0.7f)), a, b), 0, Tolerance);
    }
}
