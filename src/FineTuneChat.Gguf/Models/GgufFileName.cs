using System.Globalization;
using System.Text.RegularExpressions;

namespace FineTuneChat.Gguf.Models;

/// <summary>What the name of a GGUF file says, as llama.cpp's programs and those who publish models write it.</summary>
/// <param name="Stem">The name without folder, ending and number of the part.</param>
/// <param name="Part">Of a split model which part it is, from 1.</param>
/// <param name="Parts">Of a split model how many there are; 1 = it is whole.</param>
/// <param name="Quantization">E.g. <c>Q4_K_M</c>, in capitals; null when the name does not say.</param>
public sealed partial record GgufFileName(string Stem, int Part, int Parts, string? Quantization)
{
    private const string Ending = ".gguf";

    /// <summary>A vision projector: what turns pictures into the embeddings that another file, the model, reads.</summary>
    public bool IsProjector => Stem.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    /// <summary>Statistics for a quantiser.</summary>
    public bool IsImportanceMatrix => Stem.Contains("imatrix", StringComparison.OrdinalIgnoreCase) && Quantization is null;

    /// <summary>Reads a name; the folder may say how it is quantised where the file does not.</summary>
    /// <param name="path">File, with or without its folder.</param>
    /// <returns>Null for a file of another kind.</returns>
    public static GgufFileName? Of(string path)
    {
        string[] names = path.Split('/', '\\');
        if (!names[^1].EndsWith(Ending, StringComparison.OrdinalIgnoreCase) || names[^1].Length == Ending.Length)
            return null;
        string stem = names[^1][..^Ending.Length];
        string? quantization = names.Reverse().Take(2).Select(QuantizationIn).FirstOrDefault(found => found is not null);
        return PartEnding().Match(stem) is { Success: true } match
            ? new(stem[..match.Index], Number(match.Groups["part"]), Number(match.Groups["parts"]), quantization)
            : new(stem, 1, 1, quantization);
    }

    private static string? QuantizationIn(string name) => Label().Match(name) is { Success: true } match ? match.Value.ToUpperInvariant() : null;

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"-(?<part>\d{5})-of-(?<parts>\d{5})$", RegexOptions.CultureInvariant)]
    private static partial Regex PartEnding();

    [GeneratedRegex(
        @"(?<![A-Za-z0-9])(UD-)?(I?Q[1-8]_(K_(XXS|XS|S|M|L|XL)|K|XXS|XS|S|M|L|NL|XL|[01](_\d_\d)?)|TQ[12]_0|MXFP4(_MOE)?|NVFP4|BF16|F16|F32)(?![A-Za-z0-9])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.RightToLeft | RegexOptions.ExplicitCapture)]
    private static partial Regex Label();
}
