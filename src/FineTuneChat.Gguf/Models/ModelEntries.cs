using System.Globalization;

namespace FineTuneChat.Gguf.Models;

/// <summary>
/// A model's metadata, with limits: what is missing or beyond them is a <see cref="GgufException"/> that names the key, the value and what is allowed.
/// </summary>
internal sealed class ModelEntries
{
    private readonly GgufFile _file;
    private readonly GgufMetadata _metadata;

    public ModelEntries(GgufFile file)
    {
        (_file, _metadata) = (file, file.Metadata);
        Architecture = file.Architecture is { Length: > 0 } name ? name : throw Fault("general.architecture is missing");
    }

    public string Architecture { get; }

    public bool Contains(string key) => _metadata.Contains(Full(key));

    public bool IsArray(string key) => _metadata.TryGet(Full(key), out object? value) && value is Array;

    public int Integer(string key, int least, int most) =>
        Optional(key, least, most) ?? throw Fault($"{Full(key)} is missing; a whole number from {least} to {most} is needed");

    public int Integer(string key, int least, int most, int otherwise) => Optional(key, least, most) ?? otherwise;

    /// <summary>llama.cpp stops at an entry of another type than it expects; so does this.</summary>
    public int? Optional(string key, int least, int most)
    {
        if (!_metadata.TryGet(Full(key), out object? value))
            return null;
        return value is uint number && number >= least && number <= most
            ? (int)number
            : throw Fault($"{Full(key)} is {Describe(value)}; a 32-bit whole number from {least} to {most} is allowed");
    }

    /// <summary>One number for each layer; a single one is for all.</summary>
    public int[]? PerLayer(string key, int layers, int least, int most)
    {
        if (!IsArray(key))
            return Optional(key, least, most) is { } one ? [.. Enumerable.Repeat(one, layers)] : null;
        _metadata.TryGet(Full(key), out object? value);
        long[] numbers = value switch { uint[] unsigned => [.. unsigned.Select(n => (long)n)], int[] signed => [.. signed.Select(n => (long)n)], _ => [] };
        if (numbers.Length != layers || numbers.Any(n => n < least || n > most))
            throw Fault($"{Full(key)} is {Describe(value!)}; {layers} whole numbers from {least} to {most} are needed, one for each layer");
        return [.. numbers.Select(n => (int)n)];
    }

    /// <summary>A finite number in the range; null when it is absent.</summary>
    public float? Number(string key, float least, float most)
    {
        if (!_metadata.TryGet(Full(key), out object? value))
            return null;
        return value is float number && number >= least && number <= most
            ? number
            : throw Fault($"{Full(key)} is {Describe(value)}; a 32-bit float from {Text(least)} to {Text(most)} is allowed");
    }

    public bool? Flag(string key)
    {
        if (!_metadata.TryGet(Full(key), out object? value))
            return null;
        return value as bool? ?? throw Fault($"{Full(key)} is {Describe(value)}; true or false is allowed");
    }

    public string? OneOf(string key, params string[] allowed)
    {
        if (!_metadata.TryGet(Full(key), out object? value))
            return null;
        return value is string text && allowed.Contains(text)
            ? text
            : throw Fault($"{Full(key)} is {Describe(value)}; one of {string.Join(", ", allowed)} is allowed");
    }

    public GgufException Fault(string reason) => new(_file.Path, reason);

    private string Full(string key) => $"{Architecture}.{key}";

    private static string Describe(object value) => value switch
    {
        string text => $"the text '{(text.Length > 40 ? text[..40] + "…" : text)}'",
        Array array => $"an array of {array.Length}",
        _ => $"{Convert.ToString(value, CultureInfo.InvariantCulture)} ({value.GetType().Name})",
    };

    private static string Text(float number) => number.ToString(CultureInfo.InvariantCulture);
}
