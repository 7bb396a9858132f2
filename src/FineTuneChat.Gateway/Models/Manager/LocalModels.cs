using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Models.Manager;

/// <summary>The models of this machine and of the hub, described; local ones can be deleted.</summary>
internal sealed class LocalModels(ModelCatalog catalog, ModelHub hub, EngineSettings engine)
{
    private readonly ModelDescriptions _descriptions = new(engine);
    private readonly HostMemory _memory = new();
    private (string Path, DateTimeOffset Modified, GgufFile Header)? _estimated; // sliders ask for the same one again and again

    public ModelView Describe(LocalModel model)
    {
        (ModelDescription description, MemoryFit? memory) = _descriptions.Of(model);
        ModelFacts? facts = description.Problem is null ? ModelFacts.Of(model.Path) : null;
        string relative = Path.GetRelativePath(catalog.Folder, model.Path);
        return new ModelView
        {
            Name = model.Name,
            File = model.IsForeign || relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFileName(model.Path) : relative.Replace('\\', '/'),
            Repository = model.Repository,
            Bytes = description.Bytes,
            Architecture = description.Architecture,
            Parameters = description.Parameters,
            Quantization = description.Quantization,
            ContextLength = description.ContextLength,
            License = facts?.License,
            Capabilities = facts?.Capabilities ?? [],
            ModifiedAt = model.ModifiedAt.ToUnixTimeSeconds(),
            Usable = description.Problem is null,
            Problem = description.Problem,
            Projectors = [.. Directory.EnumerateFiles(Path.GetDirectoryName(model.Path)!)
                .Where(f => GgufFileName.Of(f) is { IsProjector: true }).Select(f => Path.GetFileName(f)!)],
            Memory = memory,
        };
    }

    /// <summary>What a model would take in memory if it were loaded so.</summary>
    /// <exception cref="OpenAiException">422: its file does not say enough.</exception>
    public MemoryNeed Estimate(LocalModel model, LoadOptions wanted)
    {
        try
        {
            var known = _estimated;
            if (known is null || known.Value.Path != model.Path || known.Value.Modified != model.ModifiedAt)
                _estimated = known = (model.Path, model.ModifiedAt, ModelFile.Open(model.Path));
            return MemoryNeed.Of(known.Value.Header, wanted.Over(engine), _memory.AvailableBytes());
        }
        catch (Exception e) when (e is GgufException or IOException or UnauthorizedAccessException)
        {
            throw OpenAiException.Unprocessable($"{model.Name} cannot be used: {e.Message}", "model_unusable");
        }
    }

    /// <summary>What a repository offers. The header of the one that is taken by default says what all of them need but for their weights.</summary>
    public async Task<OfferedModel> OfferAsync(string name, CancellationToken cancellation)
    {
        ModelReference reference = ModelReference.Parse(name, hub.Connection.Hub);
        HubRepository repository = await hub.RepositoryAsync(
            reference.Repository ?? throw new HubException(HubFault.Name, $"'{name}' is no repository."), reference.Revision, cancellation);
        HubModel usual = QuantizationChoice.Choose(repository, wanted: null);
        GgufFile? header = await HeaderAsync(repository, usual, cancellation);
        long available = _memory.AvailableBytes();
        return new OfferedModel
        {
            Name = repository.Id,
            License = repository.License,
            Gated = repository.IsGated,
            Architecture = header?.Architecture,
            Parameters = usual.Files.Count == 1 ? header?.Tensors.Sum(t => t.ElementCount) : null,
            ContextLength = header?.Metadata.Integer($"{header.Architecture}.context_length"),
            Projectors = [.. repository.Projectors.Select(p => p.Path)],
            Quantizations = [.. repository.Models.Select(m => new OfferedQuantization(
                $"{repository.Id}:{m.Label}", m.Label, m.Bytes, m.Files.Count, m == usual, catalog.Find($"{repository.Id}:{m.Label}") is not null,
                header is null ? null : MemoryFit.Of(header, m.Bytes, engine, available)))],
        };
    }

    /// <summary>Deletes a model's files, and its folders when nothing else is in them.</summary>
    public void Remove(LocalModel model)
    {
        foreach (string file in model.Files)
            File.Delete(file);
        for (string folder = Path.GetDirectoryName(model.Path)!;
            Path.GetFullPath(folder) != Path.GetFullPath(catalog.Folder) && folder.StartsWith(catalog.Folder, StringComparison.Ordinal)
                && !Directory.EnumerateFileSystemEntries(folder).Any();
            folder = Path.GetDirectoryName(folder)!)
            Directory.Delete(folder);
    }

    /// <summary>Of a gated model only those with a token get the header; its sizes are public.</summary>
    private async Task<GgufFile?> HeaderAsync(HubRepository repository, HubModel model, CancellationToken cancellation)
    {
        try
        {
            return await hub.HeaderAsync(hub.AddressOf(repository, model.Files[0]), model.Files[0].Path, model.Files[0].Bytes, cancellation);
        }
        catch (HubException e) when (e.Fault is HubFault.Denied or HubFault.Broken)
        {
            return null;
        }
    }
}
