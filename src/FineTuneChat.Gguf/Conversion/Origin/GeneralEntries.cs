using System.Globalization;
using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion.Origin;

/// <summary>What a GGUF file says of its model besides how it computes: name, size, licence, where it came from, how its makers sample. As llama.cpp's converter.</summary>
internal static class GeneralEntries
{
    private const uint QuantisationVersion = 2;

    private static readonly (string Theirs, string Ours, bool IsWhole)[] Sampling =
    [
        ("top_k", "top_k", true), ("top_p", "top_p", false), ("min_p", "min_p", false), ("temperature", "temp", false), ("repetition_penalty", "penalty_repeat", false),
    ];

    public static void Write(HuggingFaceFolder folder, ModelConfig config, string? source, long parameters, GgufMetadata metadata)
    {
        metadata.Set("general.architecture", config.Architecture.Name);
        metadata.Set("general.type", "model");
        metadata.Set("general.quantization_version", QuantisationVersion);
        ModelCard card = ModelCard.Of(folder);
        WriteSampling(folder, metadata);
        WriteName(folder, config, card, parameters, metadata);
        Put("general.author", card.Text("author", "model_author", "model_creator"));
        Put("general.description", card.Text("description", "model_description"));
        Put("general.license", string.Join(',', card.Texts("license")));
        Put("general.license.name", card.Text("license_name"));
        Put("general.license.link", card.Text("license_link"));
        WriteBases(card, parameters, metadata);
        PutList("general.tags", [.. card.Texts("tags"), .. card.Texts("pipeline_tag")]);
        PutList("general.languages", [.. card.Texts("languages", "language")]);
        ModelSource.Of(folder, config, source).Write(metadata);

        void Put(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                metadata.Set(key, value);
        }

        void PutList(string key, string[] values)
        {
            if (values.Length > 0)
                metadata.Set(key, values);
        }
    }

    /// <summary>About so many parameters, e.g. "7.2B", "135M".</summary>
    public static string SizeLabel(long parameters)
    {
        (double scaled, char unit) = parameters switch
        {
            > 1_000_000_000_000 => (parameters * 1e-12, 'T'),
            > 1_000_000_000 => (parameters * 1e-9, 'B'),
            > 1_000_000 => (parameters * 1e-6, 'M'),
            _ => (parameters * 1e-3, 'K'),
        };
        string whole = Math.Round(scaled).ToString(CultureInfo.InvariantCulture).TrimStart('0');
        return scaled.ToString($"F{Math.Max(2 - whole.Length, 0)}", CultureInfo.InvariantCulture) + unit;
    }

    /// <summary>The card goes before the name that the model was loaded by, and that before the folder's.</summary>
    private static void WriteName(HuggingFaceFolder folder, ModelConfig config, ModelCard card, long parameters, GgufMetadata metadata)
    {
        string[] ids = [.. config.Text("_name_or_path") is { Length: > 0 } id && id.Count(c => c == '/') <= 1 ? [id] : Array.Empty<string>(), Path.GetFileName(folder.Path)];
        ModelNameParts[] parts = [.. ids.Select(i => ModelNameParts.Of(i, parameters))];
        Put("name", card.Text("name", "model_name"), p => ModelNameParts.Title(p.Name));
        Put("version", card.Text("version", "model_version"), p => p.Version);
        Put("organization", card.Text("organization", "model_organization"), p => p.Organization is { } owner ? ModelNameParts.Title(owner) : null);
        Put("finetune", card.Text("finetune", "model_finetune"), p => p.Finetune);
        Put("basename", card.Text("basename", "model_basename", "model_type"), p => p.Basename);
        Put("size_label", card.Text("size_label", "model_size_label"), p => p.SizeLabel);
        if (!metadata.Contains("general.size_label"))
            metadata.Set("general.size_label", SizeLabel(parameters));

        void Put(string key, string? said, Func<ModelNameParts, string?> found)
        {
            if ((said ?? parts.Select(found).FirstOrDefault(value => !string.IsNullOrEmpty(value))) is { } value)
                metadata.Set($"general.{key}", value);
        }
    }

    private static void WriteBases(ModelCard card, long parameters, GgufMetadata metadata)
    {
        IReadOnlyList<string> bases = card.Texts("base_model", "base_models", "base_model_sources");
        if (bases.Count > 0)
            metadata.Set("general.base_model.count", (uint)bases.Count);
        for (int i = 0; i < bases.Count; i++)
        {
            string prefix = $"general.base_model.{i}.", id = bases[i];
            const string Hub = "https://huggingface.co/";
            bool isUrl = id.Contains("://", StringComparison.Ordinal);
            if (isUrl)
                metadata.Set(prefix + "repo_url", id);
            if (isUrl && !id.StartsWith(Hub, StringComparison.Ordinal))
                continue;
            ModelNameParts parts = ModelNameParts.Of(isUrl ? id[Hub.Length..].TrimEnd('/') : id, parameters);
            metadata.Set(prefix + "name", ModelNameParts.Title(parts.Name));
            if (parts.Organization is { } owner)
                metadata.Set(prefix + "organization", ModelNameParts.Title(owner));
            if (parts.Version is { } version)
                metadata.Set(prefix + "version", version);
            if (!isUrl && parts.Organization is not null)
                metadata.Set(prefix + "repo_url", $"{Hub}{parts.Organization}/{parts.Name}");
        }
    }

    private static void WriteSampling(HuggingFaceFolder folder, GgufMetadata metadata)
    {
        JsonElement generation = folder.Json("generation_config.json") ?? default;
        foreach (var (theirs, ours, isWhole) in Sampling)
        {
            if (generation.Number(theirs) is { } value)
                metadata.Set($"general.sampling.{ours}", isWhole ? (object)(int)value : (float)value);
        }
    }
}
