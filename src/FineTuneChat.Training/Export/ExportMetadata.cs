using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Conversion.Origin;

namespace FineTuneChat.Training.Export;

/// <summary>
/// What an exported file says of itself (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): its own name and version, and which model it came from.
/// Template, tokeniser and licence are the base's.
/// </summary>
internal static class ExportMetadata
{
    private const string Base = "general.base_model.0.";

    /// <summary>Facts about a model under <c>general.</c> that are told of the base, too.</summary>
    private static readonly string[] Facts = ["name", "author", "version", "organization", "description", "url", "doi", "uuid", "repo_url"];

    /// <summary>Entries to set; null: to remove.</summary>
    public static IReadOnlyDictionary<string, object?> Of(GgufFile model, ExportOptions options)
    {
        // What the base says of its own base is removed.
        var entries = model.Metadata.Keys.Where(k => k.StartsWith("general.base_model.", StringComparison.Ordinal)).ToDictionary(k => k, _ => (object?)null);
        entries["general.base_model.count"] = 1u;
        foreach (string fact in Facts)
        {
            if (model.Metadata.Text($"general.{fact}") is { } text)
                entries[Base + fact] = text;
        }

        // An adapter for the exported file must not name the base's repository as its own.
        if (model.Metadata.Text(ModelSource.RepositoryKey) is { } repository)
            entries[Base + "repo_url"] = $"https://huggingface.co/{repository}";
        foreach (string key in (string[])[ModelSource.RepositoryKey, ModelSource.RevisionKey, ModelSource.UrlKey])
            entries[key] = null;

        if (options.Name is not null)
            entries["general.name"] = options.Name;
        entries["general.version"] = options.Version;
        return entries;
    }
}
