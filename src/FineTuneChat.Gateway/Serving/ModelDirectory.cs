using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Every model id, and what would serve it: assistants, their versions, and the other local models.</summary>
/// <param name="assistants">With their versions.</param>
/// <param name="catalog">The files that are here.</param>
/// <param name="options">How some of them are loaded.</param>
/// <param name="settings">How the others are.</param>
/// <param name="embedder">Whether texts can be turned into vectors here.</param>
/// <param name="upstream">Who else answers; null: nobody.</param>
internal sealed class ModelDirectory(
    AssistantRegistry assistants, ModelCatalog catalog, LoadOptionStore options, EngineSettings settings, EmbedderProcess embedder, IUpstream? upstream = null)
{
    /// <summary>Every model id that the caller can ask for.</summary>
    public IReadOnlyList<ModelObject> Models(Caller caller)
    {
        IEnumerable<ModelObject> servable = Servable(caller).Select(m => m.Card);
        return IsMiniLm(caller, MiniLmFacts.Name)
            ? [.. servable, new() { Id = MiniLmFacts.Name, Created = MiniLmFacts.Created, Type = "embeddings", ContextLength = MiniLmFacts.ContextLength }]
            : [.. servable];
    }

    /// <summary>Whether a name means the embedding model that comes with the program: an assistant or a file of the same name goes first.</summary>
    public bool IsMiniLm(Caller caller, string? model) => model == MiniLmFacts.Name && embedder.IsOffered && !caller.IsLimited
        && assistants.Find(model) is null && catalog.Find(model) is null;

    /// <summary>The same, each with what would serve it: assistants, their versions, and every other GGUF by its name.</summary>
    public IReadOnlyList<ServableModel> Servable(Caller caller)
    {
        return
        [
            .. assistants.SeenBy(caller).Where(a => a.Problem is null).SelectMany(Servable),
            .. (caller.IsLimited ? [] : catalog.List()).Select(m => (Model: m, Facts: ModelFacts.Of(m.Path))).Select(m => new ServableModel(
                new()
                {
                    Id = m.Model.Name,
                    Created = m.Model.ModifiedAt.ToUnixTimeSeconds(),
                    Type = m.Facts?.Type ?? "llm",
                    ContextLength = Served(m.Facts?.ContextLength ?? 0, options.Of(m.Model.Name)),
                },
                Specification(m.Model))),
        ];

        IEnumerable<ServableModel> Servable(Assistant assistant)
        {
            VersionStore versions = assistant.Versions;
            ModelVersion[] servable = [.. versions.List().Where(versions.IsServable)];
            if (Array.Find(servable, v => v.Active) is { } active)
                yield return new(new() { Id = assistant.Id, Created = active.CreatedAt, ContextLength = Context(active) }, versions.Specification(active));
            foreach (ModelVersion version in servable)
                yield return new(
                    new()
                    {
                        Id = AssistantNames.Versioned(assistant.Id, version.Number),
                        Created = version.CreatedAt,
                        ContextLength = Context(version),
                        Status = version.Status == VersionStatus.Refused ? version.Status : null,
                    },
                    versions.Specification(version));

            int? Context(ModelVersion version) =>
                upstream?.Serves(versions.Specification(version)) == true ? null : Served(assistant.Base.ContextLength);
        }
    }

    /// <summary>What would serve an id; null: there is no such, or none that the caller sees.</summary>
    public EngineSpecification? Find(Caller caller, string model)
    {
        if (AssistantNames.Split(model) is var (id, number) && caller.MayAsk(id) && assistants.Find(id) is { Problem: null, Versions: { } versions }
            && versions.Find(number) is { } version && versions.IsServable(version))
            return versions.Specification(version);
        return !caller.IsLimited && catalog.Find(model) is { } local ? Specification(local) : null;
    }

    /// <summary>How a local model is loaded.</summary>
    public EngineSpecification Specification(LocalModel local) =>
        new(local.Name, local.Path, AdapterPath: null, Version: null, Options: options.Of(local.Name));

    /// <summary>The context that requests have: the model's, unless a setting says otherwise.</summary>
    private int? Served(int trained, LoadOptions? options = null) =>
        (options?.Over(settings) ?? settings).ContextOf(trained) is > 0 and int context ? context : null;
}
