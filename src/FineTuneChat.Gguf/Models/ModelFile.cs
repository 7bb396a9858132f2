using System.Globalization;

namespace FineTuneChat.Gguf.Models;

/// <summary>Opens model files, and refuses in managed code those that llama.cpp would stop the process for, or be led astray by.</summary>
public static class ModelFile
{
    private const int MaxParts = 9999;

    /// <summary>Opens a model: its header, of a split model those of all parts.</summary>
    /// <param name="path">The file; of a split model the first part, <c>NAME-00001-of-0000N.gguf</c>.</param>
    /// <exception cref="GgufException">A file is no sound GGUF file, or a part is missing or not the one that is needed.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static GgufFile Open(string path)
    {
        GgufFile first = GgufFile.Open(path);
        if (!first.Metadata.TryGet("split.count", out object? count) || count is ushort and <= 1)
            return first;
        int parts = count is ushort and <= MaxParts and ushort number
            ? number
            : throw new GgufException(path, $"split.count is {count}; a 16-bit number up to {MaxParts} is allowed");
        return Merge(first, [first, .. Enumerable.Range(1, parts - 1).Select(i => Part(path, i, parts))]);
    }

    /// <summary>Checks a model: sizes, tensors, tokeniser.</summary>
    /// <param name="file">From <see cref="Open"/>.</param>
    /// <returns>Its sizes.</returns>
    /// <exception cref="GgufException">Something is missing, contradictory or absurd; the message says what, and what is allowed.</exception>
    public static ModelShape Check(GgufFile file)
    {
        ModelShape shape = ModelShape.Of(file);
        TokenizerCheck.Require(file);
        TensorCheck.Require(file, shape);
        return shape;
    }

    /// <summary>Checks what a load of the tokeniser alone reads.</summary>
    /// <param name="file">From <see cref="Open"/>.</param>
    /// <exception cref="GgufException">The tokeniser is damaged.</exception>
    public static void CheckVocabulary(GgufFile file) => TokenizerCheck.Require(file);

    private static GgufFile Part(string path, int index, int parts)
    {
        string ending = PartEnding(0, parts);
        if (!path.EndsWith(ending, StringComparison.Ordinal))
            throw new GgufException(path, $"it is the first of {parts} parts, so its name must end with {ending}");
        string partPath = path[..^ending.Length] + PartEnding(index, parts);
        if (!File.Exists(partPath))
            throw new GgufException(path, $"its part {partPath} is missing");
        GgufFile part = GgufFile.Open(partPath);
        return part.Metadata.TryGet("split.no", out object? number) && number is ushort no && no == index
            ? part
            : throw new GgufException(partPath, $"split.no is not {index}");
    }

    private static string PartEnding(int index, int parts) => string.Create(CultureInfo.InvariantCulture, $"-{index + 1:00000}-of-{parts:00000}.gguf");

    private static GgufFile Merge(GgufFile first, GgufFile[] parts)
    {
        GgufTensorInfo[] tensors = [.. parts.SelectMany(p => p.Tensors)];
        if (tensors.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GgufException(first.Path, $"two of its parts have a tensor '{twice.Key}'");
        return new GgufFile(first.Path, first.Metadata, tensors, parts.Sum(p => p.Length));
    }
}
