using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Models.Manager;

/// <summary>The local models and the engines that run them.</summary>
internal sealed class ModelManager(ModelCatalog catalog, LocalModels models, EngineRouter engines, BaseModel @base)
{
    public IReadOnlyList<ModelView> List() => [.. catalog.List().Select(View)];

    /// <summary>Starts a model's engine and waits until it answers.</summary>
    /// <exception cref="OpenAiException">404, or 422 with why it does not start.</exception>
    public async Task<ModelView> LoadAsync(string name, CancellationToken cancellation)
    {
        LocalModel model = Find(name);
        if (models.Describe(model) is { Usable: false } broken)
            throw OpenAiException.Unprocessable($"{model.Name} cannot be used: {broken.Problem}", "model_unusable");
        try
        {
            await engines.LoadAsync(model.Name, cancellation);
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
            throw OpenAiException.Conflict($"The assistant runs on {model.Name}: it stays loaded while the server runs.", "model_in_use");
        return View(model);
    }

    /// <returns>The name of what was deleted.</returns>
    /// <exception cref="OpenAiException">404, or 409 while it is in service.</exception>
    public string Remove(string name)
    {
        LocalModel model = Find(name);
        if (IsBase(model))
            throw OpenAiException.Conflict(
                $"The assistant starts from {model.Name} and is trained on it (Models:Base). Choose another base first.", "model_in_use");
        if (engines.IsRunning(model.Path))
            throw OpenAiException.Conflict(
                $"{model.Name} is loaded. Unload it first: POST /api/models/{Uri.EscapeDataString(model.Name)}/unload", "model_in_use");
        if (model.IsForeign)
            throw OpenAiException.Conflict($"{model.Path} came with FineTuneChat or belongs to another program (Models:OtherFolders). Delete it there.", "model_foreign");
        models.Remove(model);
        return model.Name;
    }

    private ModelView View(LocalModel model)
    {
        ModelView view = models.Describe(model);
        string? problem = view.Problem ?? engines.ProblemOf(model);
        return view with { State = engines.StateOf(model), IsBase = IsBase(model), Usable = problem is null, Problem = problem };
    }

    private bool IsBase(LocalModel model) => Path.GetFullPath(model.Path) == Path.GetFullPath(@base.Path);

    private LocalModel Find(string name) => catalog.Find(name) ?? throw OpenAiException.ModelNotFound(name, catalog.List().Select(m => m.Name));
}
