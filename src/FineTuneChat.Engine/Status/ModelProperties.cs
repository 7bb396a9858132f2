using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Inference;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Engine.Status;

/// <summary><c>GET /props</c>, as llama-server's: what is served, and the sampling of requests that do not say.</summary>
internal static class ModelProperties
{
    public static JsonObject Of(ServedModel model, string name)
    {
        SamplingParameters sampling = model.Defaults;
        var fallback = new MirostatSampling();
        return new()
        {
            ["default_generation_settings"] = new JsonObject
            {
                ["n_ctx"] = model.Engine.ContextLength,
                ["params"] = new JsonObject
                {
                    ["temperature"] = sampling.Temperature,
                    ["top_k"] = sampling.TopK,
                    ["top_p"] = sampling.TopP,
                    ["min_p"] = sampling.MinP,
                    ["typical_p"] = sampling.TypicalP,
                    ["xtc_probability"] = sampling.XtcProbability,
                    ["xtc_threshold"] = sampling.XtcThreshold,
                    ["repeat_last_n"] = sampling.RepetitionWindow,
                    ["repeat_penalty"] = sampling.RepetitionPenalty,
                    ["presence_penalty"] = sampling.PresencePenalty,
                    ["frequency_penalty"] = sampling.FrequencyPenalty,
                    ["dry_multiplier"] = sampling.Dry?.Multiplier ?? 0,
                    ["mirostat"] = sampling.Mirostat?.Version ?? 0,
                    ["mirostat_tau"] = fallback.Tau,
                    ["mirostat_eta"] = fallback.Eta,
                },
            },
            ["total_slots"] = model.Engine.Parallel,
            ["model_alias"] = name,
            ["model_path"] = model.FileName, // no path: it is nobody's business
            ["chat_template"] = model.ChatTemplate,
            ["bos_token"] = TextOf(model, model.Vocabulary.Bos),
            ["eos_token"] = TextOf(model, model.Vocabulary.Eos),
            ["modalities"] = new JsonObject { ["vision"] = false, ["audio"] = false },
            ["build_info"] = $"llama.cpp {NativeLibraries.RequiredVersion}",
            ["is_sleeping"] = false,
        };
    }

    private static string TextOf(ServedModel model, int? token) => token is { } id ? Encoding.UTF8.GetString(model.Vocabulary.SpecialPieceOf(id)) : "";
}
