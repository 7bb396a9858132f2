using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.LmStudio;

/// <summary>The models as LM Studio describes them, and what it adds to a reply.</summary>
internal sealed class LmStudioModels(EngineRouter engines, ModelDirectory directory, EngineSettings settings)
{
    public IReadOnlyList<LmModel> List(Caller caller)
    {
        HashSet<EngineSpecification> loaded = [.. engines.Loaded(caller).Select(l => l.Engine)];
        return [.. directory.Servable(caller).Select(m => Describe(m, loaded.Contains(m.Engine)))];
    }

    /// <exception cref="OpenAiException">404: there is no such model.</exception>
    public LmModel Get(Caller caller, string id)
    {
        IReadOnlyList<LmModel> all = List(caller);
        return all.FirstOrDefault(m => m.Id == id) ?? throw OpenAiException.ModelNotFound(id, all.Select(m => m.Id));
    }

    public IReadOnlyList<LmModel1> List1(Caller caller)
    {
        HashSet<EngineSpecification> loaded = [.. engines.Loaded(caller).Select(l => l.Engine)];
        return [.. directory.Servable(caller).Select(m => Describe1(m, loaded.Contains(m.Engine)))];
    }

    /// <summary>Adds speed and model to an answer in OpenAI's shape.</summary>
    public void Complete(JsonObject answer, string? model, string? finish, Timings? timings)
    {
        ModelFacts? facts = directory.Servable(Caller.Local).FirstOrDefault(m => m.Engine.Alias == model) is { } served
            ? ModelFacts.Of(served.Engine.ModelPath)
            : null;
        answer["stats"] = JsonSerializer.SerializeToNode(
            new LmStats
            {
                TokensPerSecond = timings?.PredictedPerSecond ?? 0,
                TimeToFirstToken = (timings?.PromptMs ?? 0) / 1000,
                GenerationTime = (timings?.PredictedMs ?? 0) / 1000,
                StopReason = finish switch
                {
                    FinishReasons.Length => "maxPredictedTokensReached",
                    FinishReasons.ToolCalls => "toolCalls",
                    _ => "eosFound",
                },
            },
            LmStudioJson.Wire.LmStats);
        answer["model_info"] = JsonSerializer.SerializeToNode(
            new LmModelInfo { Arch = facts?.Architecture ?? "", Quant = facts?.Quantization ?? "", ContextLength = Context(facts) },
            LmStudioJson.Wire.LmModelInfo);
    }

    private LmModel Describe(ServableModel model, bool isLoaded)
    {
        ModelFacts? facts = ModelFacts.Of(model.Engine.ModelPath);
        return new()
        {
            Id = model.Card.Id,
            Type = facts?.IsEmbedding == true ? "embeddings" : "llm",
            Arch = facts?.Architecture ?? "",
            Quantization = facts?.Quantization ?? "",
            State = isLoaded ? "loaded" : "not-loaded",
            MaxContextLength = facts?.ContextLength ?? 0,
            LoadedContextLength = isLoaded ? Context(facts) : null,
            Capabilities = facts?.IsEmbedding == true ? [] : ["tool_use"],
        };
    }

    private LmModel1 Describe1(ServableModel model, bool isLoaded)
    {
        ModelFacts? facts = ModelFacts.Of(model.Engine.ModelPath);
        return new()
        {
            Type = facts?.IsEmbedding == true ? "embedding" : "llm",
            Key = model.Card.Id,
            DisplayName = model.Card.Id,
            Architecture = facts?.Architecture ?? "",
            Quantization = new(facts?.Quantization ?? "", facts is { Parameters: > 0 } ? Math.Round(facts.Bytes * 8.0 / facts.Parameters, 2) : 0),
            SizeBytes = facts?.Bytes ?? 0,
            ParamsString = facts?.Size ?? "",
            LoadedInstances = isLoaded ? [new(model.Card.Id, new(Context(facts)))] : [],
            MaxContextLength = facts?.ContextLength ?? 0,
            Capabilities = new(Vision: false, TrainedForToolUse: facts?.Template?.Contains("tools", StringComparison.Ordinal) == true),
        };
    }

    private int Context(ModelFacts? facts) => settings.ContextOf(facts?.ContextLength ?? 0);
}
