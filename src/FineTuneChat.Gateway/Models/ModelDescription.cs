using System.Collections.Concurrent;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Models;

/// <summary>What a model's files say of it.</summary>
internal sealed record ModelDescription
{
    public string? Architecture { get; init; }
    public long? Parameters { get; init; }
    public string? Quantization { get; init; }
    public long? ContextLength { get; init; }
    public required long Bytes { get; init; }

    /// <summary>Why it cannot be used; null: nothing is wrong with it.</summary>
    public string? Problem { get; init; }

    /// <summary>Its header, for what memory it takes.</summary>
    public GgufFile? Header { get; init; }

    public static ModelDescription Of(LocalModel model)
    {
        long bytes = model.Files.Select(f => new FileInfo(f)).Where(f => f.Exists).Sum(f => f.Length);
        try
        {
            GgufFile file = ModelFile.Open(model.Path);
            return new ModelDescription
            {
                Architecture = file.Architecture,
                Parameters = file.ParameterCount,
                Quantization = model.Quantization ?? file.MainType?.ToString(),
                ContextLength = file.Metadata.Integer($"{file.Architecture}.context_length"),
                Bytes = bytes,
                Problem = ProblemOf(file),
                Header = file,
            };
        }
        catch (Exception e) when (e is GgufException or IOException or UnauthorizedAccessException)
        {
            return new ModelDescription { Bytes = bytes, Quantization = model.Quantization, Problem = e.Message };
        }
    }

    private static string? ProblemOf(GgufFile file)
    {
        try
        {
            ModelFile.Check(file);
            return null;
        }
        catch (GgufException e)
        {
            return e.Message;
        }
    }
}

/// <summary>Descriptions of local models; a file is read once, until it changes.</summary>
internal sealed class ModelDescriptions(EngineSettings engine)
{
    private readonly ConcurrentDictionary<string, (DateTimeOffset Modified, ModelDescription Description, MemoryFit? Memory)> _known = new();
    private readonly HostMemory _memory = new();

    public (ModelDescription Description, MemoryFit? Memory) Of(LocalModel model)
    {
        long available = _memory.AvailableBytes();
        if (_known.TryGetValue(model.Path, out var known) && known.Modified == model.ModifiedAt)
            return (known.Description, known.Memory is null ? null : known.Memory with { Available = available });
        ModelDescription description = ModelDescription.Of(model);
        MemoryFit? memory = description.Header is { } header ? MemoryFit.Of(header, header.Length, engine, available) : null;
        _known[model.Path] = (model.ModifiedAt, description with { Header = null }, memory); // a header holds the vocabulary
        return (description with { Header = null }, memory);
    }
}
