using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Graphs.Operations;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>Every operation has the gradients that differences show, whatever computes it.</summary>
public abstract class OperationGradientTests : IDisposable
{
    private const double Tolerance = 0.01;

    private readonly GradientCheck _check;

    protected OperationGradientTests(Func<Backend> backend) => _check = new GradientCheck(backend);

    public void Dispose()
    {
        _check.Dispose();
        GC.SuppressFinalize(this);
    }

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

    [Fact]
    public void GeGlu_has_gradients_for_gate_and_up()
    {
        Tensor gate = _check.Input(1.5f, 19, 4), up = _check.Input(1, 19, 4);
        Assert.InRange(_check.LargestError(tape => tape.GeGlu(gate, up, byTable: false)), 0, Tolerance);
    }

    [Fact]
    public void Scale_scales_the_gradient()
    {
        Tensor x = _check.Input(1, 5, 7);
        Assert.InRange(_check.LargestError(tape => tape.Scale(x, 3.5f)), 0, Tolerance);
    }

    [Theory]
    [InlineData(16, 3)]
    [InlineData(37, 5)]
    public void Bias_has_gradients_for_input_and_bias(int width, int rows)
    {
        Tensor x = _check.Input(1, width, rows);
        Parameter bias = _check.Parameter(1, width);
        Assert.InRange(_check.LargestError(tape => tape.Bias(x, bias.Value, bias), bias), 0, Tolerance);
    }

    [Fact]
    public void SoftCap_lets_less_of_the_gradient_through_near_its_bounds()
    {
        Tensor x = _check.Input(4, 19, 4);
        Assert.InRange(_check.LargestError(tape => tape.SoftCap(x, 5)), 0, Tolerance);
    }

    [Theory]
    [InlineData(RopeMode.Normal, 16, 16)]
    [InlineData(RopeMode.NeoX, 16, 8)]
    public void Rope_rotates_the_gradient_back(RopeMode mode, int headWidth, int rotated)
    {
        Tensor x = _check.Input(1, headWidth, 3, 5), positions = _check.Integers(0, 1, 2, 7, 100);
        Assert.InRange(_check.LargestError(tape => tape.Rope(x, positions, new RopeParameters(rotated, mode, 10_000))), 0, Tolerance);
    }

    [Fact]
    public void Rope_with_frequency_factors_and_yarn_rotates_the_gradient_back()
    {
        Tensor x = _check.Input(1, 16, 3, 5), positions = _check.Integers(0, 1, 2, 7, 100), factors = _check.Constant(0.1f, 2, 8);
        var rope = new RopeParameters(16, RopeMode.NeoX, 10_000) { FrequencyFactors = factors, FrequencyScale = 0.25f, ExtFactor = 1, OriginalContext = 64 };
        Assert.InRange(_check.LargestError(tape => tape.Rope(x, positions, rope)), 0, Tolerance);
    }

    [Theory]
    [InlineData(4, 2, 0, 0)]
    [InlineData(3, 3, 0, 0)]
    [InlineData(4, 1, 0, 0)]
    [InlineData(4, 2, 2, 0)]
    [InlineData(4, 2, 0, 1.5f)]
    [InlineData(4, 2, 3, 2f)]
    public void Attention_has_gradients_for_queries_keys_and_values_of_packed_sequences(int heads, int kvHeads, int window, float cap)
    {
        Tensor q = _check.Input(1, 8, heads, 9), k = _check.Input(1, 8, kvHeads, 9), v = _check.Input(1, 8, kvHeads, 9);
        Tensor starts = _check.Integers(0, 0, 0, 0, 4, 4, 4, 4, 8);
        Assert.InRange(_check.LargestError(tape => tape.Attention(q, k, v, starts, new AttentionParameters(0.35f, window, cap))), 0, Tolerance);
    }

    [Fact]
    public void Embedding_adds_the_gradient_of_every_use_to_the_table()
    {
        Parameter table = _check.Parameter(1, 12, 6);
        Tensor tokens = _check.Integers(5, 0, 5, 2);
        Assert.InRange(_check.LargestError(tape => tape.Embedding(table.Value, table, rows: null, tokens), table), 0, Tolerance);
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

/// <summary>By this project's kernels.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class KernelGradientTests() : OperationGradientTests(() => new CpuBackend(2));

/// <summary>Composed of ggml's operations, as on a GPU.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DeviceGradientTests() : OperationGradientTests(() => new DeviceBackend(ComputeDevice.Processor, 2));
