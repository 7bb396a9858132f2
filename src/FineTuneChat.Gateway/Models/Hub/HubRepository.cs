using FineTuneChat.Gguf.Models;

namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>A file of a repository.</summary>
/// <param name="Path">Inside the repository.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">In lower-case hexadecimal; null where the hub does not say.</param>
internal sealed record HubFile(string Path, long Bytes, string? Sha256)
{
    public GgufFileName Name { get; } = GgufFileName.Of(Path)!;
}

/// <summary>A model of a repository: one quantisation, in one file or in parts.</summary>
/// <param name="Label">What users choose it by: <c>Q4_K_M</c>, or the name of the file.</param>
/// <param name="Files">In the order of the parts.</param>
internal sealed record HubModel(string Label, IReadOnlyList<HubFile> Files)
{
    public long Bytes => Files.Sum(f => f.Bytes);
}

/// <summary>A repository at one commit: which models it has.</summary>
internal sealed record HubRepository
{
    public required string Id { get; init; }
    public required string Commit { get; init; }
    public required bool IsGated { get; init; }
    public required string? License { get; init; }
    public required IReadOnlyList<HubModel> Models { get; init; }

    /// <summary>Vision projectors: named, so that users know of them; models here read text alone.</summary>
    public required IReadOnlyList<HubFile> Projectors { get; init; }

    /// <summary>Names come from the hub: they must not lead out of a folder, and a terminal must not obey them.</summary>
    /// <exception cref="HubException">The repository's is none.</exception>
    public static HubRepository Of(RepositoryInfo info, string revision)
    {
        if (!ModelReference.IsRepository(info.Id))
            throw new HubException(HubFault.Broken, "The hub gives a repository a name that is none.");
        HubFile[] files = [.. (info.Siblings ?? []).Where(s => GgufFileName.Of(s.Rfilename) is not null && !s.Rfilename.Any(char.IsControl))
            .Select(s => new HubFile(s.Rfilename, s.Lfs?.Size ?? s.Size ?? 0, s.Lfs?.Sha256?.ToLowerInvariant()))];
        return new HubRepository
        {
            Id = info.Id,
            Commit = info.Sha ?? revision,
            IsGated = info.IsGated,
            License = info.License,
            Projectors = [.. files.Where(f => f.Name.IsProjector)],
            Models = Group(files.Where(f => !f.Name.IsProjector && !f.Name.IsImportanceMatrix)),
        };
    }

    /// <summary>Parts of a split model are one; two models of the same quantisation are told apart by their files' names.</summary>
    private static HubModel[] Group(IEnumerable<HubFile> files)
    {
        HubModel[] whole = [.. from file in files
                               group file by (Folder(file.Path), file.Name.Stem, file.Name.Parts) into parts
                               where parts.Count() == parts.Key.Parts
                               let ordered = parts.OrderBy(f => f.Name.Part).ToArray()
                               select new HubModel(ordered[0].Name.Quantization ?? parts.Key.Stem, ordered)];
        HashSet<string> unclear = [.. whole.GroupBy(m => m.Label).Where(same => same.Count() > 1).Select(same => same.Key)];
        return [.. whole.Select(m => unclear.Contains(m.Label) ? m with { Label = m.Files[0].Path } : m).OrderBy(m => m.Bytes)];
    }

    private static string Folder(string path) => path[..(path.LastIndexOf('/') + 1)];
}
