using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FineTuneChat.Chat.Tools;

/// <summary>Arguments of a call, each in tags: texts as they are, other values as JSON.</summary>
/// <param name="KeyStart">Before a name.</param>
/// <param name="KeyEnd">Between name and value.</param>
/// <param name="ValueEnd">Behind a value.</param>
internal sealed record ArgumentTags(string KeyStart, string KeyEnd, string ValueEnd)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Between name and value of a text, where that differs.</summary>
    public string? TextKeyEnd { get; init; }

    /// <summary>The arguments of a JSON object.</summary>
    public string Write(string arguments)
    {
        try
        {
            JsonElement json = JsonElement.Parse(arguments);
            return string.Concat(json.EnumerateObject().Select(argument => KeyStart + argument.Name
                + (argument.Value.ValueKind == JsonValueKind.String ? TextKeyEnd ?? KeyEnd : KeyEnd)
                + (argument.Value.ValueKind == JsonValueKind.String ? argument.Value.GetString() : argument.Value.GetRawText()) + ValueEnd));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // a client's, which may be anything
        {
            return arguments;
        }
    }

    /// <summary>The JSON object that a text of such arguments stands for; null when it is no such text.</summary>
    /// <param name="text">The text between a call's name and its end.</param>
    /// <param name="isText">Whether an argument is text by the tool's schema; null where it says nothing.</param>
    public string? Read(string text, Func<string, bool?> isText)
    {
        var arguments = new JsonObject();
        string start = KeyStart.Trim(), end = ValueEnd.Trim();
        string[] keyEnd = KeyEnd.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int at = SkipSpaces(text, 0);
        while (at < text.Length)
        {
            if (!StartsWith(text, at, start))
                return null;
            at += start.Length;
            int keyStop = text.IndexOf(keyEnd[0], at, StringComparison.Ordinal);
            bool isMarkedText = false;
            string separator = keyEnd[0];
            int textStop = TextKeyEnd is null ? -1 : text.IndexOf(TextKeyEnd, at, StringComparison.Ordinal);
            if (TextKeyEnd is not null && textStop >= 0 && (keyStop < 0 || textStop < keyStop))
                (isMarkedText, separator, keyStop) = (true, TextKeyEnd, textStop);
            if (keyStop < 0)
                return null;
            string key = text[at..keyStop].Trim();
            int value = keyStop + separator.Length;
            if (keyEnd.Length > 1)
            {
                value = SkipSpaces(text, value);
                if (!StartsWith(text, value, keyEnd[1]))
                    return null;
                value += keyEnd[1].Length;
            }
            if (text.IndexOf(end, value, StringComparison.Ordinal) is not (>= 0 and int stop))
                return null;
            if (!arguments.ContainsKey(key))
                arguments[key] = Value(WithoutLineEnds(text[value..stop]), isMarkedText ? true : isText(key));
            at = SkipSpaces(text, stop + end.Length);
        }
        return arguments.ToJsonString(Relaxed);
    }

    private static JsonNode? Value(string text, bool? isText)
    {
        if (isText == true)
            return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    /// <summary>Those that belong to the tags.</summary>
    private string WithoutLineEnds(string value)
    {
        if (KeyEnd.EndsWith('\n') && value.StartsWith('\n'))
            value = value[1..];
        return ValueEnd.StartsWith('\n') && value.EndsWith('\n') ? value[..^1] : value;
    }

    private static bool StartsWith(string text, int at, string part) => text.AsSpan(at).StartsWith(part, StringComparison.Ordinal);

    private static int SkipSpaces(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }
}
