using System.Text.RegularExpressions;

namespace FineTuneChat.Gguf.Conversion.Origin;

/// <summary>Where a model came from: its name at the hub, and the commit.</summary>
/// <param name="Repository"><c>owner/name</c>; null: not known.</param>
/// <param name="Revision">A commit or a branch; null: not known.</param>
public sealed partial record ModelSource(string? Repository, string? Revision)
{
    /// <summary>Entry with the name at the hub.</summary>
    public const string RepositoryKey = "general.source.huggingface.repository";

    /// <summary>Entry with the commit.</summary>
    public const string RevisionKey = "general.source.huggingface.revision";

    /// <summary>Entry with the address.</summary>
    public const string UrlKey = "general.source.url";

    /// <summary>By what the user says, by the hub's own folders and notes, or by the configuration.</summary>
    /// <param name="folder">The model's.</param>
    /// <param name="config">Its configuration, which has the name it was loaded by.</param>
    /// <param name="said"><c>owner/name</c> or <c>owner/name@revision</c>; null: nothing.</param>
    /// <exception cref="InvalidDataException">It is no such name.</exception>
    internal static ModelSource Of(HuggingFaceFolder folder, ModelConfig config, string? said)
    {
        if (said is not null)
            return Said().Match(said) is { Success: true } match
                ? new ModelSource(match.Groups["id"].Value, match.Groups["revision"].Success ? match.Groups["revision"].Value : Downloaded(folder))
                : throw new InvalidDataException($"'{said}' is no name at the hub; owner/name or owner/name@revision is needed.");
        if (Cached().Match(folder.Path.Replace('\\', '/')) is { Success: true } cache)
            return new ModelSource($"{cache.Groups["owner"].Value}/{cache.Groups["name"].Value}", cache.Groups["revision"].Value);
        return new ModelSource(config.Text("_name_or_path") is { } name && Said().IsMatch(name) ? name : null, Downloaded(folder));
    }

    internal void Write(GgufMetadata metadata)
    {
        if (Repository is not null)
        {
            metadata.Set(RepositoryKey, Repository);
            metadata.Set(UrlKey, $"https://huggingface.co/{Repository}{(Revision is null ? "" : $"/tree/{Revision}")}");
        }

        if (Revision is not null)
            metadata.Set(RevisionKey, Revision);
    }

    /// <summary>What the hub's own program notes beside files that it downloads into a folder: the commit is the first line.</summary>
    private static string? Downloaded(HuggingFaceFolder folder)
    {
        string note = folder.PathOf(Path.Combine(".cache", "huggingface", "download", "config.json.metadata"));
        return File.Exists(note) && File.ReadLines(note).FirstOrDefault()?.Trim() is { } commit && Commit().IsMatch(commit) ? commit : null;
    }

    [GeneratedRegex(@"^(?<id>[\w][\w.-]*/[\w][\w.-]*)(@(?<revision>[\w][\w./-]*))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Said();

    [GeneratedRegex(@"/models--(?<owner>[\w.-]+?)--(?<name>[\w.-]+)/snapshots/(?<revision>[0-9a-f]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Cached();

    [GeneratedRegex("^[0-9a-f]{40}$")]
    private static partial Regex Commit();
}
