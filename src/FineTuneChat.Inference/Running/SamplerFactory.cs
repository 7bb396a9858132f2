using FineTuneChat.Native.Llama;

namespace FineTuneChat.Inference.Running;

/// <summary>Makes llama.cpp's chain of samplers from the parameters of a request; steps that would change nothing are left out.</summary>
internal sealed class SamplerFactory(LlamaModel model, IReadOnlyList<bool> endsGeneration)
{
    private const float Coldest = 1e-3f; // below it logits / temperature overflow, and the choice is the likeliest token anyway
    private const uint NotRandomSeed = uint.MaxValue - 1; // uint.MaxValue asks llama.cpp for a random one

    public SamplerChain Create(SamplingParameters parameters, IReadOnlyList<int> prompt)
    {
        var chain = new SamplerChain(model);
        AddBias(chain, parameters);
        AddPenalties(chain, parameters, prompt);
        if (parameters.Temperature < Coldest)
            return chain.AddGreedy();

        if (parameters.TopK > 0)
            chain.AddTopK(parameters.TopK);
        if (parameters.TypicalP < 1)
            chain.AddTypical(parameters.TypicalP);
        if (parameters.TopP < 1)
            chain.AddTopP(parameters.TopP);
        if (parameters.MinP > 0)
            chain.AddMinP(parameters.MinP);
        if (parameters.Temperature != 1)
            chain.AddTemperature(parameters.Temperature);
        return chain.AddDistribution(Math.Min(parameters.Seed, NotRandomSeed));
    }

    private void AddBias(SamplerChain chain, SamplingParameters parameters)
    {
        var bias = new Dictionary<int, float>(parameters.LogitBias);
        if (parameters.IgnoreEndOfGeneration)
        {
            for (int token = 0; token < endsGeneration.Count; token++)
            {
                if (endsGeneration[token])
                    bias[token] = float.NegativeInfinity;
            }
        }

        if (bias.Count > 0)
            chain.AddLogitBias(bias);
    }

    /// <summary>Two samplers, because repetition looks back into the prompt while OpenAI's penalties count the reply only.</summary>
    private static void AddPenalties(SamplerChain chain, SamplingParameters parameters, IReadOnlyList<int> prompt)
    {
        if (parameters.RepetitionPenalty != 1)
        {
            int[] history = [.. prompt.TakeLast(parameters.RepetitionWindow)];
            chain.AddPenalties(parameters.RepetitionWindow, parameters.RepetitionPenalty, frequency: 0, presence: 0, history);
        }

        const int WholeReply = 1 << 16; // tokens; llama.cpp keeps a ring of that many (256 KB)
        if (parameters.FrequencyPenalty != 0 || parameters.PresencePenalty != 0)
            chain.AddPenalties(WholeReply, repetition: 1, parameters.FrequencyPenalty, parameters.PresencePenalty);
    }
}
