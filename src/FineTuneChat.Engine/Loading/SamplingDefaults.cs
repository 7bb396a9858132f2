using FineTuneChat.Gguf;
using FineTuneChat.Inference;

namespace FineTuneChat.Engine.Loading;

/// <summary>Sampling for requests that do not say: what the model's maker put into the file, otherwise llama-server's defaults.</summary>
internal static class SamplingDefaults
{
    public static SamplingParameters Of(GgufMetadata metadata)
    {
        var fallback = new SamplingParameters();
        float Number(string key, float otherwise) => (float)(metadata.Number($"general.sampling.{key}") ?? otherwise);

        return fallback with
        {
            Temperature = Number("temp", fallback.Temperature),
            TopK = (int)Number("top_k", fallback.TopK),
            TopP = Number("top_p", fallback.TopP),
            MinP = Number("min_p", fallback.MinP),
            RepetitionPenalty = Number("penalty_repeat", fallback.RepetitionPenalty),
        };
    }
}
