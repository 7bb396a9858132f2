using System.Globalization;
using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>
/// <c>config.json</c>, with limits: what is missing or beyond them is an error that names file, key, value and what is allowed. Models of text and pictures
/// keep what is said of their text in <c>text_config</c>.
/// </summary>
internal sealed class ModelConfig
{
    private readonly JsonElement _root;
    private readonly JsonElement? _text;

    public ModelConfig(HuggingFaceFolder folder)
    {
        Path = folder.PathOf("config.json");
        _root = folder.Json("config.json") ?? throw new FileNotFoundException($"{Path} is missing.");
        _text = _root.Find("text_config");
        Architecture = Named();
    }

    public string Path { get; }

    public HuggingFaceArchitecture Architecture { get; }

    public JsonElement? Find(string key) => _text?.Find(key) ?? _root.Find(key);

    public string? Text(string key) => Find(key) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A whole number; where the file lacks it, the architecture's usual one.</summary>
    public int Integer(string key, int least, int most) =>
        Optional(key, least, most) ?? throw Fault($"it lacks \"{key}\"; a whole number from {least} to {most} is needed");

    public int? Optional(string key, int least, int most)
    {
        if (Find(key) is not { } given)
            return Architecture.Defaults.TryGetValue(key, out double usual) ? (int)usual : null;
        return given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out int value) && value >= least && value <= most
            ? value
            : throw Fault($"\"{key}\" is {given.GetRawText()}; a whole number from {least} to {most} is allowed");
    }

    /// <summary>A number; where the file lacks it, the architecture's usual one, or null.</summary>
    public float? Number(string key, float least, float most)
    {
        if (Find(key) is not { } given)
            return Architecture.Defaults.TryGetValue(key, out double usual) ? (float)usual : null;
        return given.ValueKind == JsonValueKind.Number && given.TryGetSingle(out float value) && value >= least && value <= most
            ? value
            : throw Fault($"\"{key}\" is {given.GetRawText()}; a number from {Show(least)} to {Show(most)} is allowed");
    }

    public bool? Flag(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } flag => flag.GetBoolean(),
        { } other => throw Fault($"\"{key}\" is {other.GetRawText()}; true or false is allowed"),
    };

    public InvalidDataException Fault(string reason) => new($"{Path} cannot be used: {reason}.");

    /// <summary>The model would compute something else than it was trained for.</summary>
    public NotSupportedException Unsupported(string what) => new($"{Path}: {what}, which llama.cpp does not compute for architecture '{Architecture.Name}'.");

    private HuggingFaceArchitecture Named()
    {
        string[] names = [.. _root.List("architectures").Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!)];
        string supported = string.Join(", ", HuggingFaceArchitecture.All.SelectMany(a => a.ClassNames).Order(StringComparer.Ordinal));
        if (names.Length == 0)
            throw Fault($"it lacks \"architectures\"; one of {supported} is needed");
        return HuggingFaceArchitecture.All.FirstOrDefault(a => a.ClassNames.Contains(names[0]))
            ?? throw new NotSupportedException($"{Path}: models of architecture '{names[0]}' cannot be converted. Supported: {supported}.");
    }

    private static string Show(float number) => number.ToString(CultureInfo.InvariantCulture);
}
