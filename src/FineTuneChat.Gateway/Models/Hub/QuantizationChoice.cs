namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>Which of a repository's models is meant.</summary>
internal static class QuantizationChoice
{
    private const double Wanted = 4.85; // bits for each weight of Q4_K_M: half the size of 8 bits, and hardly worse

    /// <summary>Bits for each weight, as llama.cpp's quantiser states them for a model of llama's shape.</summary>
    private static readonly Dictionary<string, double> Bits = new(StringComparer.Ordinal)
    {
        ["F32"] = 32, ["F16"] = 16, ["BF16"] = 16, ["Q8_0"] = 8.5, ["Q6_K"] = 6.56,
        ["Q5_1"] = 6, ["Q5_K_M"] = 5.69, ["Q5_K_S"] = 5.54, ["Q5_0"] = 5.54,
        ["Q4_1"] = 5, ["Q4_K_M"] = 4.85, ["Q4_K_S"] = 4.58, ["Q4_0"] = 4.55, ["IQ4_NL"] = 4.5, ["IQ4_XS"] = 4.25,
        ["Q3_K_L"] = 4.27, ["Q3_K_M"] = 3.91, ["IQ3_M"] = 3.66, ["Q3_K_S"] = 3.5, ["IQ3_S"] = 3.44, ["IQ3_XS"] = 3.3, ["IQ3_XXS"] = 3.06,
        ["Q2_K"] = 2.96, ["Q2_K_S"] = 2.8, ["IQ2_M"] = 2.7, ["IQ2_S"] = 2.5, ["IQ2_XS"] = 2.31, ["IQ2_XXS"] = 2.06, ["IQ1_M"] = 1.75, ["IQ1_S"] = 1.56,
    };

    /// <param name="repository">What there is.</param>
    /// <param name="wanted">A quantisation or a file's name; null: Q4_K_M, or what is nearest to it.</param>
    /// <exception cref="HubException">There is none, or not this one; the message lists what there is.</exception>
    public static HubModel Choose(HubRepository repository, string? wanted)
    {
        if (repository.Models.Count == 0)
            throw new HubException(
                HubFault.NotFound,
                $"{repository.Id} has no GGUF file{(repository.Projectors.Count > 0 ? " but vision projectors" : "")}. "
                + $"Look for one that was converted, often named {repository.Id.Split('/')[1]}-GGUF.");
        return wanted is null
            ? repository.Models.OrderBy(m => DistanceOf(m.Label)).ThenByDescending(m => m.Bytes).First()
            : Named(repository, wanted);
    }

    /// <summary>How far a quantisation is from the one that is taken when none is asked for.</summary>
    public static double DistanceOf(string? label) => Math.Abs(BitsOf(label ?? "") - Wanted);

    private static HubModel Named(HubRepository repository, string wanted)
    {
        if (repository.Projectors.Any(p => Is(p.Path, wanted) || Is(p.Name.Stem, wanted)))
            throw new HubException(HubFault.NotFound, $"{wanted} is a vision projector, no model. {List(repository)}");
        return repository.Models.FirstOrDefault(m => Is(m.Label, wanted) || m.Files.Any(f => Is(f.Path, wanted) || Is(FileName(f.Path), wanted) || Is(f.Name.Stem, wanted)))
            ?? throw new HubException(HubFault.NotFound, $"{repository.Id} has no {wanted}. {List(repository)}");
    }

    private static string List(HubRepository repository) => $"There is: {string.Join(", ", repository.Models.Select(m => m.Label))}.";

    /// <summary>Of a label that is not in the table, such as UD-Q4_K_XL, by its first digit; unknown ones last.</summary>
    private static double BitsOf(string label)
    {
        string known = label.StartsWith("UD-", StringComparison.Ordinal) ? label[3..] : label;
        int digit = known.IndexOfAny([.. "12345678"]);
        bool isLabel = known.StartsWith('Q') || known.StartsWith("IQ", StringComparison.Ordinal) || known.StartsWith("TQ", StringComparison.Ordinal)
            || known.StartsWith("MXFP", StringComparison.Ordinal);
        return Bits.TryGetValue(known, out double bits) ? bits : isLabel && digit is > 0 and < 5 ? known[digit] - '0' + 0.5 : double.MaxValue;
    }

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
