using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log.Presets;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>What Ollama's clients take for models: every model id, and the caller's presets, which are what their <c>create</c> makes.</summary>
internal sealed class OllamaModels(EngineRouter engines, ModelDirectory directory, PresetStore presets, EngineSettings settings)
{
    private static readonly DateTime Never = new(2318, 1, 1, 0, 0, 0, DateTimeKind.Utc); // what Ollama writes for a model that stays

    /// <summary>Every model, presets last.</summary>
    public IReadOnlyList<OllamaModel> List(Caller caller)
    {
        IReadOnlyList<ServableModel> all = directory.Servable(caller);
        return
        [
            .. all.Select(m => Describe(m.Card.Id, m.Engine)),
            .. from preset in presets.List(caller)
               where all.All(m => m.Card.Id != preset.Name)
               let model = all.FirstOrDefault(m => m.Card.Id == BaseOf(preset))
               where model is not null
               select Describe(preset.Name, model.Engine) with { ModifiedAt = DateTimeOffset.FromUnixTimeSeconds(preset.UpdatedAt).UtcDateTime },
        ];
    }

    public IReadOnlyList<OllamaModel> Running(Caller caller) =>
    [
        .. engines.Loaded(caller).Select(loaded => Describe(loaded.Id, loaded.Engine) with
        {
            ModifiedAt = null,
            ExpiresAt = loaded.EndsAt?.UtcDateTime ?? Never,
            SizeVram = 0,
            ContextLength = Context(ModelFacts.Of(loaded.Engine.ModelPath)),
        }),
    ];

    /// <exception cref="OpenAiException">404: there is neither a model nor a preset of the name.</exception>
    public OllamaModelInfo Show(Caller caller, string? name)
    {
        Preset? preset = Preset(caller, name);
        ServableModel model = Find(caller, preset is null ? name : BaseOf(preset));
        ModelFacts? facts = ModelFacts.Of(model.Engine.ModelPath);
        string parameters = preset is null ? "" : Modelfile.Parameters(preset.Request);
        return new()
        {
            Modelfile = Modelfile.Write(ModelName.WithTag(model.Card.Id), preset?.System, parameters),
            Parameters = parameters,
            Template = facts?.Template ?? "",
            System = preset?.System,
            License = facts?.License,
            Details = Details(facts, preset is null ? "" : ModelName.WithTag(model.Card.Id)),
            ModelInfo = Entries(facts),
            Capabilities = Capabilities(facts),
            ModifiedAt = facts?.ModifiedAt ?? DateTime.UnixEpoch,
        };
    }

    /// <summary>A preset's name in a request gives it the preset's model, and its prompt and parameters where the request has none.</summary>
    public ChatCompletionRequest Complete(Caller caller, ChatCompletionRequest request)
    {
        if (Preset(caller, request.Model) is not { } preset)
            return request;
        JsonObject body = JsonSerializer.SerializeToNode(request, OpenAiJson.Wire.ChatCompletionRequest)!.AsObject();
        foreach (JsonProperty given in preset.Request.EnumerateObject())
            if (body[given.Name] is null)
                body[given.Name] = JsonNode.Parse(given.Value.GetRawText());
        body["model"] = BaseOf(preset);
        ChatCompletionRequest complete = body.Deserialize(OpenAiJson.Default.ChatCompletionRequest)!;
        return preset.System.Length == 0 || request.Messages![0].Role == "system"
            ? complete
            : complete with { Messages = [new() { Role = "system", Content = preset.System }, .. request.Messages] };
    }

    public async Task LoadAsync(Caller caller, string? name, CancellationToken cancellation)
    {
        using EngineLease lease = engines.Acquire(caller, Preset(caller, name) is { } preset ? BaseOf(preset) : name);
        await lease.ProcessAsync(cancellation);
    }

    /// <summary>Saves a preset under a name that no model has.</summary>
    /// <exception cref="OpenAiException">400: it cannot be one; 404: its model is not there; 409: the name is a model's.</exception>
    public async Task SaveAsync(Caller caller, string? name, string? from, string? system, OllamaOptions? parameters)
    {
        string plain = ModelName.WithoutTag(name) ?? throw OpenAiException.InvalidRequest("'model' must name what is made.", "model");
        if (directory.Servable(caller).Any(m => m.Card.Id == plain))
            throw OpenAiException.Conflict($"'{plain}' is a model's name. Choose another.", "name_taken");
        Preset? before = Preset(caller, from);
        string model = Find(caller, before is null ? from ?? caller.FirstAssistant : BaseOf(before)).Card.Id;
        var request = new ChatCompletionRequest { Model = model, MaxCompletionTokens = parameters?.NumPredict is > 0 and int limit ? limit : null };
        if (parameters is not null)
            request = OllamaTranslation.WithOptions(request, parameters);
        JsonObject json = before is null ? [] : JsonNode.Parse(before.Request.GetRawText())!.AsObject();
        foreach ((string key, JsonNode? value) in JsonSerializer.SerializeToNode(request, OpenAiJson.Wire.ChatCompletionRequest)!.AsObject())
            json[key] = value?.DeepClone();
        var preset = new PresetRequest { Name = plain, System = system ?? before?.System, Request = ChatSwitches.Element(json) };
        (string checkedName, string prompt, string body) = preset.Validate();
        await presets.SaveAsync(caller, checkedName, prompt, body);
    }

    /// <summary>Whether there was such a preset.</summary>
    public async Task<bool> RemovePresetAsync(Caller caller, string name) =>
        Preset(caller, name) is { } preset && await presets.RemoveAsync(caller, preset.Id);

    /// <summary>The caller's preset of a name that no model has.</summary>
    private Preset? Preset(Caller caller, string? name)
    {
        string? plain = ModelName.WithoutTag(name);
        if (plain is null or AssistantNames.Default || presets.List(caller).FirstOrDefault(p => p.Name == plain) is not { } preset)
            return null;
        return directory.Servable(caller).Any(m => m.Card.Id == plain) ? null : preset;
    }

    private ServableModel Find(Caller caller, string? name)
    {
        string plain = ModelName.WithoutTag(name) ?? caller.FirstAssistant;
        IReadOnlyList<ServableModel> all = directory.Servable(caller);
        return all.FirstOrDefault(m => m.Card.Id == plain) ?? throw OpenAiException.ModelNotFound(plain, all.Select(m => m.Card.Id));
    }

    private static string BaseOf(Preset preset) =>
        preset.Request.TryGetProperty("model", out JsonElement model) && model.ValueKind == JsonValueKind.String ? model.GetString()! : AssistantNames.Default;

    private static OllamaModel Describe(string id, EngineSpecification engine)
    {
        ModelFacts? facts = ModelFacts.Of(engine.ModelPath);
        string state = string.Create(CultureInfo.InvariantCulture, $"{engine.ModelPath}|{engine.AdapterPath}|{facts?.Bytes}|{facts?.ModifiedAt:O}");
        return new()
        {
            Name = ModelName.WithTag(id),
            Model = ModelName.WithTag(id),
            ModifiedAt = facts?.ModifiedAt,
            Size = facts?.Bytes ?? 0,
            Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state))), // not of gigabytes: a list must not take minutes
            Details = Details(facts, parent: ""),
        };
    }

    private static OllamaDetails Details(ModelFacts? facts, string parent) => new()
    {
        ParentModel = parent,
        Family = facts?.Architecture ?? "",
        Families = facts is null ? [] : [facts.Architecture],
        ParameterSize = facts?.Size ?? "",
        QuantizationLevel = facts?.Quantization ?? "",
    };

    /// <summary>The header's entries, with the context that is served instead of the one that was trained.</summary>
    private Dictionary<string, JsonElement> Entries(ModelFacts? facts)
    {
        if (facts is null)
            return [];
        Dictionary<string, JsonElement> entries = facts.Entries.Select(e => (e.Key, Value: Element(e.Value))).Where(e => e.Value is not null)
            .ToDictionary(e => e.Key, e => e.Value!.Value);
        entries["general.parameter_count"] = Element(facts.Parameters)!.Value;
        if (Context(facts) is > 0 and int context)
            entries[$"{facts.Architecture}.context_length"] = Element(context)!.Value;
        return entries;
    }

    private int Context(ModelFacts? facts) => settings.ContextOf(facts?.ContextLength ?? 0);

    private static string[] Capabilities(ModelFacts? facts) => facts switch
    {
        { IsEmbedding: true } => ["embedding"],
        { CanThink: true } => ["completion", "tools", "thinking"],
        _ => ["completion", "tools"],
    };

    /// <summary>Null for a number that JSON does not have.</summary>
    private static JsonElement? Element(object value) => value switch
    {
        string text => ChatSwitches.Element(JsonValue.Create(text)),
        bool isSo => ChatSwitches.Element(JsonValue.Create(isSo)),
        float or double => Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsFinite(number)
            ? ChatSwitches.Element(JsonValue.Create(number))
            : null,
        ulong large => ChatSwitches.Element(JsonValue.Create(large)),
        _ => ChatSwitches.Element(JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture))),
    };
}
