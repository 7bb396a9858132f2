using FineTuneChat.Gguf;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Lora;

/// <summary>Low-rank matrices beside the linear layers of a frozen model (Hu et al. 2021, arXiv 2106.09685).</summary>
public sealed class LoraAdapter : IDisposable
{
    /// <summary>The seven linear layers of a block; adapting all of them is what matters (Schulman 2025, "LoRA Without Regret").</summary>
    public static IReadOnlyList<string> AllLinears { get; } = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

    /// <summary>What one fused matrix is made of: it is adapted when one of its parts is to be.</summary>
    private static readonly Dictionary<string, string[]> Fused = new() { ["attn_qkv"] = ["attn_q", "attn_k", "attn_v"] };

    private readonly Dictionary<string, LoraPair> _pairs = new(StringComparer.Ordinal);

    private LoraAdapter(string architecture, int rank, float alpha, ParameterSet parameters, IEnumerable<string> weights, RowPlan? rows)
    {
        Architecture = architecture;
        Rank = rank;
        Alpha = alpha;
        Parameters = parameters;
        foreach (string weight in weights)
            _pairs[weight] = new LoraPair(parameters.Find(weight + ".lora_a")!, parameters.Find(weight + ".lora_b")!, alpha / rank, _pairs.Count);
        if (rows is not null)
            Rows = new TokenRows(rows.Weight, rows.Tokens, parameters.Find(rows.Parameter)!, rows.Vocabulary);
    }

    /// <summary>Architecture of the base model.</summary>
    public string Architecture { get; }

    /// <summary>Rank r of the matrices.</summary>
    public int Rank { get; }

    /// <summary>alpha; the product is scaled by alpha / r.</summary>
    public float Alpha { get; }

    /// <summary>The matrices as trainable parameters.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Names of the weights with low-rank matrices, in file order.</summary>
    public IReadOnlyCollection<string> Weights => _pairs.Keys;

    /// <summary>Rows of the head that are trained, too; null: none.</summary>
    public TokenRows? Rows { get; }

    /// <summary>A fresh adapter: A uniform in ±1/√in (PEFT's default), B zero, so that it changes nothing yet.</summary>
    /// <param name="file">The base model.</param>
    /// <param name="rank">1 to 512.</param>
    /// <param name="alpha">Positive; usually twice the rank.</param>
    /// <param name="seed">Same seed, same matrices.</param>
    /// <param name="targets">Which linears to adapt, e.g. <see cref="AllLinears"/>.</param>
    /// <param name="tokens">Tokens whose rows of the head are trained, too, see <see cref="TokenRows"/>; null: none.</param>
    /// <exception cref="ArgumentException">A value is out of range, or the model has none of the targets.</exception>
    public static LoraAdapter Create(
        GgufFile file, int rank, float alpha, int seed, IReadOnlyList<string> targets, IReadOnlyCollection<int>? tokens = null)
    {
        if (rank is < 1 or > 512)
            throw new ArgumentException($"The rank is {rank}; 1 to 512 is allowed.", nameof(rank));
        if (!(alpha > 0 && float.IsFinite(alpha)))
            throw new ArgumentException($"alpha is {alpha}; a positive number is needed.", nameof(alpha));
        GgufTensorInfo[] adapted = Linears(file, targets);
        if (adapted.Length == 0)
            throw new ArgumentException($"The model has none of the layers {string.Join(", ", targets)}.", nameof(targets));

        LoraAdapter adapter = Allocate(
            file.Architecture!, rank, alpha, [.. adapted.Select(t => (t.Name, t.Shape[0], t.Shape[1]))],
            tokens is { Count: > 0 } ? RowPlan.Of(file, [.. tokens.Order()]) : null);
        var random = new Random(seed);
        foreach (GgufTensorInfo tensor in adapted)
        {
            float bound = 1f / MathF.Sqrt(tensor.Shape[0]);
            foreach (ref float value in adapter._pairs[tensor.Name].A.Value.AsSpan<float>())
                value = bound * ((2 * random.NextSingle()) - 1);
        }

        return adapter;
    }

    /// <summary>The matrices beside a weight, null when it is not adapted.</summary>
    /// <param name="weight">E.g. <c>blk.0.attn_q.weight</c>.</param>
    public LoraPair? Find(string weight) => weight == Rows?.Weight ? Rows.Pair : _pairs.GetValueOrDefault(weight);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Rows?.Dispose();
        Parameters.Dispose();
    }

    /// <summary>The weights of a model that targets stand for.</summary>
    internal static GgufTensorInfo[] Linears(GgufFile file, IReadOnlyList<string> targets)
    {
        string[] layers = [.. targets, .. Fused.Where(f => f.Value.Any(targets.Contains)).Select(f => f.Key)];
        return [.. file.Tensors.Where(t => t.Shape.Count == 2 && layers.Any(layer => t.Name.EndsWith($".{layer}.weight", StringComparison.Ordinal)))];
    }

    internal static LoraAdapter Allocate(
        string architecture, int rank, float alpha, IReadOnlyList<(string Name, long In, long Out)> weights, RowPlan? rows = null) => new(
        architecture,
        rank,
        alpha,
        new ParameterSet(
        [
            .. weights.SelectMany(w => new[]
            {
                (w.Name + ".lora_a", new[] { w.In, rank }, true),
                (w.Name + ".lora_b", new[] { rank, w.Out }, true),
            }),
            .. rows is null ? [] : new[] { (rows.Parameter, new[] { rows.Width, rows.Tokens.Count }, false) },
        ]),
        weights.Select(w => w.Name),
        rows);

    /// <summary>Which rows of the head an adapter has.</summary>
    internal sealed record RowPlan(string Weight, IReadOnlyList<int> Tokens, long Width, long Vocabulary)
    {
        public const string Suffix = ".rows";

        public string Parameter => Weight + Suffix;

        public static RowPlan Of(GgufFile file, IReadOnlyList<int> tokens)
        {
            GgufTensorInfo head = file.Find(TokenRows.HeadOf(file))!;
            return new RowPlan(head.Name, tokens, head.Dimension(0), head.Dimension(1));
        }
    }
}
