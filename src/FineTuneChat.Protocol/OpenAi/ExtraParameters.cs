using System.Text;
using System.Text.Json;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>Parameters of a request that are not OpenAI's, while they are put into our words: what is taken is no longer there.</summary>
internal sealed class ExtraParameters(IReadOnlyDictionary<string, JsonElement>? given)
{
    private readonly Dictionary<string, JsonElement> _left = new(given ?? new Dictionary<string, JsonElement>());

    /// <summary>What was not taken; null for nothing.</summary>
    public Dictionary<string, JsonElement>? Rest => _left.Count > 0 ? _left : null;

    /// <summary>A parameter's value; null when it is absent, or null.</summary>
    public JsonElement? Take(string name) => _left.Remove(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <exception cref="OpenAiException">400: it is given, and no integer.</exception>
    public int? Integer(string name) => Take(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int value) => value,
        _ => throw OpenAiException.InvalidRequest($"Invalid type for '{name}': expected an integer.", name, "invalid_type"),
    };

    /// <summary>Ollama's object of sampling parameters; null when there is none.</summary>
    /// <exception cref="OpenAiException">400: one of them has a wrong type.</exception>
    public SamplingRequest? Options()
    {
        if (Take("options") is not { ValueKind: JsonValueKind.Object } options)
            return null;
        TextCompletionRequest read = RequestReader.Read(Encoding.UTF8.GetBytes(options.GetRawText()), OpenAiJson.Default.TextCompletionRequest);
        return read with { MaxTokens = read.MaxTokens ?? new ExtraParameters(read.Unknown).Integer("num_predict") };
    }

    /// <exception cref="OpenAiException">400: the text is no JSON.</exception>
    public static JsonElement Parse(string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            throw OpenAiException.InvalidRequest("The schema of the reply is a text that is no JSON.", "response_format", "invalid_json");
        }
    }
}
