using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Assistants;

/// <summary>Makes and changes assistants, and tells what they are.</summary>
internal sealed class AssistantManager(
    AssistantRegistry assistants, ModelCatalog catalog, VersionSwitch inService, ExampleStore examples, AutomaticSwitch automatic, VectorStores stores,
    Database database)
{
    private const int Most = 200;

    public IReadOnlyList<AssistantView> List(Caller caller) => [.. assistants.SeenBy(caller).Select(View)];

    public AssistantView View(Assistant assistant)
    {
        Waiting waiting = examples.CountWaiting(assistant.Id);
        IReadOnlyList<ModelVersion> versions = assistant.Versions.List();
        return new()
        {
            Id = assistant.Id,
            Name = assistant.Settings.Name,
            Avatar = assistant.Settings.Avatar,
            Base = assistant.Problem is null ? assistant.Base.Name : assistant.Settings.Base!,
            System = assistant.Settings.System,
            Request = JsonElement.Parse(assistant.Settings.Request),
            VectorStoreIds = stores.Known(assistant.Settings.VectorStores),
            Learning = new(
                automatic.IsOn(assistant.Id), versions.FirstOrDefault(v => v.Active)?.Number, versions.Count(v => v.Number > 0), waiting.Examples, waiting.New),
            Problem = assistant.Problem,
            CreatedAt = assistant.Settings.CreatedAt / 1000,
        };
    }

    /// <exception cref="OpenAiException">400: the id cannot be one, or a setting is wrong; 409: the id is taken.</exception>
    public async Task<Assistant> CreateAsync(AssistantRequest request, AssistantSettings? from = null)
    {
        string id = request.Id ?? throw OpenAiException.MissingParameter("id");
        if (!AssistantNames.IsId(id))
            throw OpenAiException.InvalidRequest(
                $"'id' must have 2 to {AssistantNames.MaxLength} small letters, digits and hyphens, with a letter first and no hyphen at the end.", "id");
        if (catalog.List().Any(m => m.Name.Equals(id, StringComparison.OrdinalIgnoreCase)))
            throw OpenAiException.Conflict($"'{id}' is the name of a local model. Choose another id.", "name_taken");
        if (assistants.All.Count >= Most)
            throw OpenAiException.Conflict($"There are {Most} assistants, which is the limit. Delete one first.", "too_many_assistants");
        AssistantSettings settings = request.ApplyTo((from ?? new() { Id = id }) with { Id = id });
        await RequireBaseAsync(settings);
        RequireStores(request);
        Assistant made = await assistants.CreateAsync(settings);
        await SetLearningAsync(made, request.Learning);
        return made;
    }

    /// <exception cref="OpenAiException">400: a setting is wrong; 409: the first one has the server's model.</exception>
    public async Task ChangeAsync(Assistant assistant, AssistantRequest request)
    {
        if (request.Id is { } id && id != assistant.Id)
            throw OpenAiException.InvalidRequest(
                "An assistant's 'id' cannot be changed: its conversations and versions go by it. Make a new one from it.", "id");
        if (request.From is not null)
            throw OpenAiException.InvalidRequest("'from' is for new assistants.", "from");
        RequireStores(request);
        AssistantSettings before = assistant.Settings, after = request.ApplyTo(before);
        if (assistant == assistants.First && after.Base is { } asked && asked != assistant.Base.Name)
            throw OpenAiException.Conflict(
                $"'{assistant.Id}' has the model that the server is started with (Models:Base, serve --model). Change it there, or make another assistant.",
                "base_of_server");
        if (assistant == assistants.First)
            after = after with { Base = null };
        if (after.Base != before.Base)
            await RequireBaseAsync(after);
        await assistants.ChangeAsync(assistant, after);
        if (after.Base != before.Base)
            await inService.RebaseAsync(assistant);
        await SetLearningAsync(assistant, request.Learning);
    }

    private void RequireStores(AssistantRequest request)
    {
        IReadOnlyList<string> known = stores.Known(request.VectorStoreIds ?? []);
        if (request.VectorStoreIds?.FirstOrDefault(id => !known.Contains(id)) is { } unknown)
            throw OpenAiException.InvalidRequest($"There is no vector store '{unknown}'.", "vector_store_ids", "not_found");
    }

    private async Task SetLearningAsync(Assistant assistant, LearningRequest? learning)
    {
        if (learning?.Automatic is { } isOn)
            await automatic.SetAsync(assistant.Id, isOn);
    }

    private async Task RequireBaseAsync(AssistantSettings settings)
    {
        if (settings.Base is not { } name)
            return;
        LocalModel model = catalog.Find(name) ?? throw OpenAiException.InvalidRequest(
            $"There is no local model '{name}'. There are {string.Join(", ", catalog.List().Select(m => m.Name))}.", "base", "model_not_found");
        if (ModelFacts.Of(model.Path) is { IsEmbedding: true })
            throw OpenAiException.Unprocessable($"'{name}' makes vectors of texts and cannot chat. Choose another base.", "model_unusable");
        try
        {
            await BaseModel.OpenAsync(model, database);
        }
        catch (UserException e)
        {
            throw OpenAiException.Unprocessable(e.Message, "model_unusable");
        }
    }
}
