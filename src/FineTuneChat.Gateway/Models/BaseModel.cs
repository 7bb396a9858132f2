using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Models;

/// <summary>The model that the assistant starts from and that every run trains on.</summary>
internal sealed record BaseModel
{
    public required string Name { get; init; }
    public required string Path { get; init; }
    public required string Sha256 { get; init; }
    public required long Bytes { get; init; }

    /// <summary>The type of most of its weights: F16, Q4_K, …</summary>
    public required GgmlType Type { get; init; }

    /// <summary>Weights, in all.</summary>
    public required long Parameters { get; init; }

    /// <summary>The most tokens that it reads; 0: its file does not say.</summary>
    public int ContextLength { get; init; }

    /// <summary>Merging small deltas into fewer bits would erase them: such a base serves with an adapter beside it.</summary>
    public bool IsHighPrecision => Type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 or GgmlType.Q8_0;

    /// <summary>So small a model knows a question by its wording more than by its meaning.</summary>
    public bool IsSmall => Parameters < 100_000_000;

    /// <summary>The base of the last start; null before the first.</summary>
    public static string? LastName(Database database) =>
        database.Read(connection => connection.QueryFirstOrDefault<string>("SELECT base FROM versions WHERE assistant = 'assistant' AND number = 0"));

    /// <summary>Checks the file's header and fingerprints it.</summary>
    /// <exception cref="UserException">It cannot be read, or is no sound GGUF file.</exception>
    public static async Task<BaseModel> OpenAsync(LocalModel model, Database database)
    {
        try
        {
            GgufFile file = ModelFile.Open(model.Path);
            if (file.Tensors.Count == 0)
                throw new UserException($"The model '{model.Name}' has no weights in {model.Path}. Choose another with --model NAME_OR_PATH.");
            ModelFile.Check(file);
            return new()
            {
                Name = model.Name,
                Path = model.Path,
                Sha256 = await FileHash.OfAsync(model.Path, database),
                Bytes = file.Length,
                Parameters = file.ParameterCount,
                ContextLength = (int)Math.Min(int.MaxValue, file.Metadata.Integer($"{file.Architecture}.context_length") ?? 0),
                Type = file.MainType!.Value,
            };
        }
        catch (Exception e) when (e is GgufException or IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The model '{model.Name}' cannot be used: {e.Message} Choose another with --model NAME_OR_PATH.", e);
        }
    }
}
