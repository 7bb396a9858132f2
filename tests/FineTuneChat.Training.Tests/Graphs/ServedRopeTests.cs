using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>However the engine is told to rotate positions, the training graph does the same in every architecture, whatever the file says.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ServedRopeTests(ArchitectureFiles files) : IClassFixture<ArchitectureFiles>, IDisposable
{
    private const double LeastChange = 1e-2; // of the logits, relative

    private static readonly Dictionary<string, RopeOptions> Kinds = new()
    {
        ["none"] = new() { Scaling = RopeScaling.None, Factor = 4 },
        ["linear"] = new() { Scaling = RopeScaling.Linear, Factor = 4 },
        ["linear, by the file's factor"] = new() { Scaling = RopeScaling.Linear },
        ["YaRN"] = new() { Scaling = RopeScaling.Yarn, Factor = 4, OriginalContext = 64 },
        ["YaRN from the trained context"] = new() { Scaling = RopeScaling.Yarn, Factor = 8 },
        ["YaRN by the file's factor"] = new() { Scaling = RopeScaling.Yarn, OriginalContext = 32 },
        ["YaRN, closer than trained"] = new() { Scaling = RopeScaling.Yarn, Factor = 0.5f, OriginalContext = 64 },
        ["another factor"] = new() { Factor = 2 },
        ["another base"] = new() { FrequencyBase = 500 },
        ["everything"] = new() { Scaling = RopeScaling.Yarn, Factor = 3, FrequencyBase = 250_000, OriginalContext = 128, ServedContext = 64 },
    };

    private readonly CpuBackend _backend = new(1);

    /// <summary><c>FTC_SCALE=10</c>: every variant. Otherwise every architecture, and those whose files scale, too.</summary>
    private static IEnumerable<string> Cases =>
        ArchitectureCases.All.Keys.Where(name => Scale.Factor >= 10 || !name.Contains(',')
            || name.EndsWith("YaRN", StringComparison.Ordinal) || name.EndsWith("long factors", StringComparison.Ordinal));

    public static TheoryData<string> Names() => [.. Kinds.Keys];

    public void Dispose() => _backend.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void The_graph_is_the_model_that_llama_cpp_serves_with_it(string kind)
    {
        RopeOptions rope = Kinds[kind];
        var failures = new List<string>();
        double change = 0;
        foreach (string name in Cases)
        {
            string path = files[name, ModelFileType.F32];
            using MappedModel model = MappedModel.Open(path);
            float[] trained = ModelComparison.OfGraph(_backend, model, rope: rope);
            double error = ModelComparison.RelativeL2(trained, ModelComparison.OfLlama(path, rope: rope));
            if (!(error <= 1e-4))
                failures.Add($"{name}: {error:E1}");
            if (!(change > LeastChange))
                change = ModelComparison.RelativeL2(trained, ModelComparison.OfGraph(_backend, model));
        }

        Assert.Empty(failures);
        Assert.True(change > LeastChange, $"it changes too little ({change:E1}): the comparison proves nothing");
    }
}
