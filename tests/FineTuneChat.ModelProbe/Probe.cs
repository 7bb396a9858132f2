using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.ModelProbe;

/// <summary>Does with a file what an engine does: load, tokenise, compute, sample, write text.</summary>
internal static class Probe
{
    private const int Written = 4; // tokens

    public static ProbeReply Run(ProbeRequest request, BufferSizeLog log)
    {
        log.Buffers.Clear();
        try
        {
            Use(request);
            return new("loaded", "", log.Buffers);
        }
        catch (Exception e) when (e is GgufException or IOException)
        {
            return new("refused", e.Message, []);
        }
        catch (LlamaException e)
        {
            return new("failed", e.Message, []);
        }
    }

    private static void Use(ProbeRequest request)
    {
        using LlamaModel model = LlamaModel.Load(request.Path);
        using LoadedAdapter? adapter = request.Adapter is { } path ? new LoadedAdapter(model, path) : null;
        if (!model.HasDecoder)
            throw new LlamaException("an encoder");
        using var context = new LlamaContext(model, request.Context);
        context.SetAdapter(adapter);
        _ = (model.ChatTemplate, model.Description, model.CanSharePrefixes);
        using SamplerChain sampler = new SamplerChain(model).AddTopK(10).AddTemperature(1).AddDistribution(seed: 1);

        int[] tokens = [.. model.Vocabulary.Tokenize("Hello <|im_end|> wörld 🙂\n\0 1234", addSpecial: true, parseSpecial: true).Take(context.BatchSize / 2), 0];
        var batch = new LlamaBatch(context.BatchSize);
        for (int done = 0, written = 0; written < Written; written++)
        {
            batch.Clear();
            for (; done < tokens.Length; done++)
                batch.Add(tokens[done], done, sequence: 0, output: done == tokens.Length - 1);
            if (context.Decode(batch) != DecodeResult.Ok)
                break;
            tokens = [.. tokens, sampler.Sample(context, batch.Count - 1)];
        }

        _ = model.Vocabulary.Detokenize(tokens, special: true);
    }
}
