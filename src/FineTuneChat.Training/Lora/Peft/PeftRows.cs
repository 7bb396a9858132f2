using System.Numerics.Tensors;
using System.Text.Json;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Lora.Peft;

/// <summary>
/// Trained rows of single tokens in PEFT's files: <c>trainable_token_indices</c> of the configuration and a matrix with the rows themselves, not with what
/// was added to them.
/// </summary>
internal static class PeftRows
{
    public const string Suffix = ".token_adapter.trainable_tokens_delta";
    private const string Embedding = "embed_tokens", Head = "lm_head";

    /// <summary>The module of a weight: a tied head is the embedding.</summary>
    public static string ModuleOf(string weight) => weight == "token_embd.weight" ? $"model.{Embedding}" : Head;

    /// <summary>The matrix's name without what wraps the model.</summary>
    public static string NameOf(string weight) => ModuleOf(weight) + Suffix;

    /// <summary>The same from the name in a file; null where it is another matrix's.</summary>
    public static string? NameIn(string name) =>
        name.Replace(".default", "", StringComparison.Ordinal) is var plain && plain.EndsWith($".{Embedding}{Suffix}", StringComparison.Ordinal)
            ? $"model.{Embedding}{Suffix}"
        : plain.EndsWith($"{Head}{Suffix}", StringComparison.Ordinal) ? Head + Suffix
        : null;

    public static JsonElement Indices(TokenRows rows) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, IReadOnlyList<int>> { [ModuleOf(rows.Weight).Split('.')[^1]] = rows.Tokens });

    /// <summary>The rows as they are with what was added, [tokens][width].</summary>
    public static SafeMatrix Written(TokenRows rows, GgufFile model)
    {
        float[] values = BaseRows(rows, model);
        TensorPrimitives.Add(values, rows.Added.Value.AsSpan<float>(), values);
        return new SafeMatrix(rows.Tokens.Count, values.Length / rows.Tokens.Count, values);
    }

    /// <summary>Takes the rows of a file over; false: they do not fit.</summary>
    public static bool Read(TokenRows rows, SafeMatrix given, GgufFile model)
    {
        Span<float> added = rows.Added.Value.AsSpan<float>();
        if (given.Rows != rows.Tokens.Count || given.Values.Length != added.Length)
            return false;
        TensorPrimitives.Subtract(given.Values, BaseRows(rows, model), added);
        return true;
    }

    /// <summary>Which rows the configuration names; null: none.</summary>
    /// <exception cref="InvalidDataException">They are not those of the head of the model.</exception>
    public static LoraAdapter.RowPlan? Plan(string path, PeftConfig config, IEnumerable<string> matrices, GgufFile model)
    {
        if (!matrices.Any(name => name.EndsWith(Suffix, StringComparison.Ordinal)))
            return null;
        string module = ModuleOf(TokenRows.HeadOf(model)).Split('.')[^1];
        JsonElement? list = config.TrainableTokenIndices switch
        {
            { ValueKind: JsonValueKind.Array } ids when module == Embedding => ids,
            { ValueKind: JsonValueKind.Object } modules when modules.TryGetProperty(module, out JsonElement ids) => ids,
            _ => null,
        };
        int[] tokens = list is { ValueKind: JsonValueKind.Array } given && given.EnumerateArray().All(id => id.TryGetInt32(out _))
            ? [.. given.EnumerateArray().Select(id => id.GetInt32())]
            : [];
        LoraAdapter.RowPlan rows = LoraAdapter.RowPlan.Of(model, tokens);
        bool isSound = tokens.Length > 0 && tokens.Zip(tokens.Skip(1)).All(pair => pair.First < pair.Second) && tokens[0] >= 0 && tokens[^1] < rows.Vocabulary;
        return isSound
            ? rows
            : throw new InvalidDataException(
                $"{path} cannot be used: it trains rows of tokens, but trainable_token_indices does not list them, ascending, for '{module}', the head of "
                + $"{model.Path}.");
    }

    private static float[] BaseRows(TokenRows rows, GgufFile model)
    {
        using MappedModel mapped = MappedModel.Open(model.Path);
        using var backend = new CpuBackend(threads: 1);
        return TokenRows.Read(mapped[rows.Weight], rows.Tokens, backend);
    }
}
