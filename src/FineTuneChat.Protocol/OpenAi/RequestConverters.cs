using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary><c>stop</c>: one string or an array of strings.</summary>
internal sealed class StopConverter : JsonConverter<IReadOnlyList<string>>
{
    public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return [reader.GetString()!];
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("'stop' must be a string or an array of strings.");

        var stops = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            stops.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("'stop' must hold strings only."));
        return stops;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (string stop in value)
            writer.WriteStringValue(stop);
        writer.WriteEndArray();
    }
}

/// <summary>The arguments of a call: JSON in a string, or the object itself.</summary>
internal sealed class ArgumentsConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The 'arguments' of a call must be a string of JSON.");
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary><c>content</c>: a string, or an array of <c>{"type":"text","text":…}</c> parts that are joined to one string.</summary>
internal sealed class MessageContentConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("A message's 'content' must be a string or an array of text parts.");

        var text = new StringBuilder();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            using JsonDocument part = JsonDocument.ParseValue(ref reader);
            text.Append(TextOf(part.RootElement));
        }
        return text.ToString();
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    private static string TextOf(JsonElement part)
    {
        if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type", out JsonElement type) || type.ValueKind != JsonValueKind.String)
            throw new JsonException("A content part must be an object with a 'type'.");
        if (type.GetString() is not ("text" or "refusal")
            || !part.TryGetProperty(type.GetString()!, out JsonElement text) || text.ValueKind != JsonValueKind.String)
            throw new JsonException($"Content parts of type '{type.GetString()}' are not supported; this model reads {{\"type\":\"text\",\"text\":\"…\"}}.");
        return text.GetString()!;
    }
}
