using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>Ollama's Modelfile, as far as it can be a preset or an assistant: FROM, SYSTEM, PARAMETER.</summary>
internal static class Modelfile
{
    private const string Quotes = "\"\"\"";

    /// <exception cref="OpenAiException">400: it asks for what a preset does not have.</exception>
    public static OllamaCreateRequest Read(string text)
    {
        string? from = null, system = null;
        var parameters = new JsonObject();
        foreach ((string instruction, string argument) in Instructions(text))
        {
            switch (instruction.ToUpperInvariant())
            {
                case "FROM":
                    from = argument;
                    break;
                case "SYSTEM":
                    system = argument;
                    break;
                case "PARAMETER":
                    string[] parts = argument.Split((char[])[' ', '\t'], 2, StringSplitOptions.TrimEntries);
                    AddParameter(parameters, parts[0], parts.Length > 1 ? Unquoted(parts[1]) : "");
                    break;
                case "LICENSE":
                    break;
                default:
                    throw Unsupported(instruction);
            }
        }
        try
        {
            return new() { From = from, System = system, Parameters = parameters.Deserialize(OllamaJson.Default.OllamaOptions) };
        }
        catch (JsonException e)
        {
            throw OpenAiException.InvalidRequest($"A PARAMETER of the Modelfile has a wrong value: {e.Path?.TrimStart('$', '.')}.", "modelfile");
        }
    }

    public static string Write(string from, string? system, string parameters)
    {
        string prompt = string.IsNullOrEmpty(system) ? "" : $"SYSTEM {Quotes}{system}{Quotes}\n";
        string lines = string.Concat(parameters.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"PARAMETER {line}\n"));
        return $"FROM {from}\n{prompt}{lines}";
    }

    /// <summary>A preset's parameters as Ollama shows them, one a line and by Ollama's names, which are ours but for one.</summary>
    public static string Parameters(JsonElement request) => string.Join('\n',
        from property in request.EnumerateObject()
        where property.Name != "model"
        from value in property.Value.ValueKind == JsonValueKind.Array ? property.Value.EnumerateArray() : (IEnumerable<JsonElement>)[property.Value]
        select $"{(property.Name == "max_completion_tokens" ? "num_predict" : property.Name)} {value.GetRawText()}");

    public static OpenAiException Unsupported(string what) => OpenAiException.InvalidRequest(
        $"'{what}' is not supported here: what a Modelfile makes is a name for a model with a system prompt and parameters; the model's own template is used. "
        + "Leave it out; models are made by training, or put into the models folder.", what, "unsupported_parameter");

    private static IEnumerable<(string Instruction, string Argument)> Instructions(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line.StartsWith('#'))
                continue;
            string[] parts = line.Split((char[])[' ', '\t'], 2, StringSplitOptions.TrimEntries);
            string argument = parts.Length > 1 ? parts[1] : "";
            if (argument.StartsWith(Quotes, StringComparison.Ordinal))
            {
                var block = new List<string>();
                string next = argument[Quotes.Length..];
                for (; !next.Contains(Quotes, StringComparison.Ordinal) && i + 1 < lines.Length; next = lines[++i])
                    block.Add(next);
                block.Add(next.Split(Quotes)[0]);
                yield return (parts[0], string.Join('\n', block));
            }
            else
            {
                yield return (parts[0], Unquoted(argument));
            }
        }
    }

    private static string Unquoted(string text) => text is ['"', .., '"'] ? text[1..^1] : text;

    private static void AddParameter(JsonObject parameters, string name, string value)
    {
        if (name == "stop") // may come several times
        {
            if (parameters[name] is not JsonArray stops)
                parameters[name] = stops = [];
            stops.Add(value);
            return;
        }
        parameters[name] = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? JsonNode.Parse(number == Math.Truncate(number) && Math.Abs(number) < 1e15
                ? ((long)number).ToString(CultureInfo.InvariantCulture)
                : number.ToString("R", CultureInfo.InvariantCulture))
            : JsonValue.Create(value);
    }
}
