using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Models.Manager;

/// <summary>The local models and the engines that run them.</summary>
internal sealed class ModelManager(
    ModelCatalog catalog, LocalModels models, EngineRouter engines, LoadOptionStore options, AssistantRegistry assistants)
{
    public IReadOnlyList<ModelView> List() => [.. catalog.List().Select(View)];

    /// <summary>The engines that run, as far as the caller sees them, the first assistant's first.</summary>
    public IReadOnlyList<LoadedModel> Loaded(Caller caller) => [.. engines.Loaded(caller).Select(LoadedModel.Of)];

    /// <summary>What a model would take in memory.</summary>
    /// <exception cref="OpenAiException">404, 400 for a wrong option, 422 for a file that cannot be used.</exception>
    public MemoryNeed Estimate(string name, LoadOptions wanted) => models.Estimate(Find(name), wanted.Validate());

    /// <summary>Remembers how a model is to be loaded, from the next time on.</summary>
    /// <exception cref="OpenAiException">404, or 400 for a wrong option.</exception>
    public async Task<ModelView> ChangeAsync(string name, LoadOptions wanted)
    {
        LocalModel model = Find(name);
        await options.SetAsync(model.Name, wanted.Validate());
        return View(model);
    }

    /// <summary>Starts a model's engine and waits until it answers.</summary>
    /// <param name="name">The model's.</param>
    /// <param name="wanted">How it is loaded, which is remembered; empty: as remembered.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="OpenAiException">404, 400 for a wrong option, or 422 with why it does not start.</exception>
    public async Task<ModelView> LoadAsync(string name, LoadOptions wanted, CancellationToken cancellation)
    {
        LocalModel model = Find(name);
        if (models.Describe(model) is { Usable: false } broken)
            throw OpenAiException.Unprocessable($"{model.Name} cannot be used: {broken.Problem}", "model_unusable");
        if (wanted.Validate() is { IsEmpty: false } chosen)
            await options.SetAsync(model.Name, chosen);
        try
        {
            await engines.LoadAsync(model, cancellation);
            return View(model);
        }
        catch (EngineException e)
        {
            throw OpenAiException.Unprocessable($"{model.Name} does not start: {e.Message}", "model_unusable");
        }
    }

    /// <exception cref="OpenAiException">404, or 409 for what the assistant runs on.</exception>
    public ModelView Unload(string name)
    {
        LocalModel model = Find(name);
        if (!engines.Unload(model.Name) && engines.IsRunning(model.Path))
            throw OpenAiException.Conflict($"An assistant runs on {model.Name}: it stays loaded while it is asked.", "model_in_use");
        return View(model);
    }

    /// <returns>The name of what was deleted.</returns>
    /// <exception cref="OpenAiException">404, or 409 while it is in service.</exception>
    public async Task<string> RemoveAsync(string name)
    {
        LocalModel model = Find(name);
        if (UserOf(model) is { } user)
            throw OpenAiException.Conflict(
                $"The assistant '{user.Id}' starts from {model.Name} and is trained on it. Choose another base for it first "
                + $"({(user == assistants.First ? "Models:Base" : $"PATCH /api/assistants/{user.Id}")}).", "model_in_use");
        if (engines.IsRunning(model.Path))
            throw OpenAiException.Conflict(
                $"{model.Name} is loaded. Unload it first: POST /api/models/{Uri.EscapeDataString(model.Name)}/unload", "model_in_use");
        if (model.IsForeign)
            throw OpenAiException.Conflict(
                $"{model.Path} came with FineTuneChat or belongs to another program (Models:OtherFolders). Delete it there.", "model_foreign");
        models.Remove(model);
        await options.SetAsync(model.Name, new());
        return model.Name;
    }

    private ModelView View(LocalModel model)
    {
        ModelView view = models.Describe(model);
        string? problem = view.Problem ?? engines.ProblemOf(model);
        return view with
        {
            State = engines.StateOf(model),
            IsBase = UserOf(model) is not null,
            Usable = problem is null,
            Problem = problem,
            Options = options.Of(model.Name),
        };
    }

    /// <summary>An assistant whose base it is.</summary>
    private Assistant? UserOf(LocalModel model) =>
        assistants.All.FirstOrDefault(a => a.Problem is null && Path.GetFullPath(a.Base.Path) == Path.GetFullPath(model.Path));

    private LocalModel Find(string name) => catalog.Find(name) ?? throw OpenAiException.ModelNotFound(name, catalog.List().Select(m => m.Name));
}
