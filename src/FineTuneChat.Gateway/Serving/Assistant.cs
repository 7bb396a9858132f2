using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>
/// Who answers, and learns: settings, a base, versions. Its examples, runs and conversations are in the stores, under its id. Route handlers take the one
/// that <c>?assistant=ID</c> names as a parameter.
/// </summary>
internal sealed class Assistant
{
    public const string Parameter = "assistant";

    private volatile AssistantSettings _settings;
    private volatile BaseModel? _base;
    private string? _problem;

    /// <param name="settings">What it is.</param>
    /// <param name="versions">Makes the store of its versions.</param>
    public Assistant(AssistantSettings settings, Func<Assistant, VersionStore> versions)
    {
        _settings = settings;
        Versions = versions(this);
    }

    public string Id => _settings.Id;

    public AssistantSettings Settings { get => _settings; set => _settings = value; }

    public VersionStore Versions { get; }

    /// <summary>Why it cannot be asked; null: it can.</summary>
    public string? Problem => _base is null ? _problem : null;

    /// <summary>The model that it starts from and that its runs train on.</summary>
    /// <exception cref="OpenAiException">409: it is not there.</exception>
    public BaseModel Base => _base ?? throw OpenAiException.Conflict($"The assistant '{Id}' cannot be asked: {_problem}", "assistant_without_base");

    public void SetBase(BaseModel? model, string? problem = null) => (_problem, _base) = (problem, model);

    /// <summary>Called by routing.</summary>
    /// <exception cref="OpenAiException">404: there is none of that id, or none that the caller sees.</exception>
    public static ValueTask<Assistant?> BindAsync(HttpContext http)
    {
        Caller caller = Caller.Of(http);
        string? id = http.Request.Query[Parameter];
        return ValueTask.FromResult<Assistant?>(http.RequestServices.GetRequiredService<AssistantRegistry>().Require(caller, id ?? caller.FirstAssistant));
    }
}
