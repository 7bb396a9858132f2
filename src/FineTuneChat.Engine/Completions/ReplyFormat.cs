using System.Text.Json;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Grammars;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Completions;

/// <summary>
/// What <c>response_format</c>, <c>tools</c> and <c>tool_choice</c> ask of a reply. What cannot be enforced is refused; a reply is never
/// written without it.
/// </summary>
internal static class ReplyFormat
{
    private const int MaxName = 64;

    /// <summary>The grammar that the reply must follow; null when it is free.</summary>
    /// <exception cref="OpenAiException">400: the format is malformed, or a schema cannot be enforced; the message names the place in it.</exception>
    public static string? Grammar(ChatCompletionRequest request, RequestTools tools, ToolFormat format, EncodedPrompt prompt)
    {
        (JsonElement? schema, bool isStrict, string parameter) = Schema(request);
        bool enforcesCalls = tools.Callable.Count > 0 && (tools.MustCall || tools.IsStrict || !tools.Parallel);
        if (schema is null && !enforcesCalls && request is { GuidedChoice: not { Count: > 0 }, GuidedRegex: null })
            return null;
        RefuseCuts(request, schema is not null ? "response_format" : enforcesCalls ? "tools" : "guided_choice");
        try
        {
            var reply = new ReplyGrammar
            {
                Reasoning = prompt.Reasoning,
                Opening = prompt.Opening,
                Schema = schema,
                IsStrict = isStrict,
                Texts = request.GuidedChoice ?? [],
                Pattern = request.GuidedRegex,
                Format = format,
                Tools = tools.Callable,
                MustCall = tools.MustCall,
                Parallel = tools.Parallel,
            };
            return reply.Write();
        }
        catch (SchemaException e)
        {
            string where = e.Path.StartsWith("tools[", StringComparison.Ordinal) ? e.Path[..e.Path.IndexOf('#', StringComparison.Ordinal)]
                : schema is not null ? parameter
                : request.GuidedRegex is null ? "tools" : "guided_regex";
            throw OpenAiException.InvalidRequest($"'{where}' cannot be enforced. At {e.Message}.", where, "invalid_json_schema");
        }
    }

    /// <summary>The schema of the answer, whether all of it must be enforced, and the parameter that holds it.</summary>
    private static (JsonElement? Schema, bool IsStrict, string Parameter) Schema(ChatCompletionRequest request)
    {
        const string Parameter = "response_format";
        if (request.ResponseFormat is not { ValueKind: not JsonValueKind.Null } format)
            return (null, false, Parameter);
        string? type = null;
        if (format.ValueKind == JsonValueKind.Object && format.TryGetProperty("type", out JsonElement name) && name.ValueKind == JsonValueKind.String)
            type = name.GetString();
        return type switch
        {
            "text" => (null, false, Parameter),
            "json_object" => (format.TryGetProperty("schema", out JsonElement given) ? given : JsonGrammar.AnyObject, false, Parameter + ".schema"),
            "json_schema" => (SchemaOf(format) ?? JsonGrammar.AnyObject, IsStrict(format), Parameter + ".json_schema.schema"),
            _ => throw OpenAiException.InvalidRequest("'response_format.type' must be 'text', 'json_object' or 'json_schema'.", Parameter + ".type"),
        };
    }

    private static JsonElement? SchemaOf(JsonElement format)
    {
        if (!format.TryGetProperty("json_schema", out JsonElement named) || named.ValueKind != JsonValueKind.Object)
            throw OpenAiException.InvalidRequest("'response_format.json_schema' must be an object with 'name' and 'schema'.", "response_format.json_schema");
        if (!named.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String || !IsName(name.GetString()!))
            throw OpenAiException.InvalidRequest($"'response_format.json_schema.name' must have 1 to {MaxName} letters, digits, '_' or '-'.",
                "response_format.json_schema.name");
        return named.TryGetProperty("schema", out JsonElement schema) ? schema : null;
    }

    private static bool IsStrict(JsonElement format) =>
        format.GetProperty("json_schema").TryGetProperty("strict", out JsonElement strict) && strict.ValueKind == JsonValueKind.True;

    private static bool IsName(string name) => name.Length is > 0 and <= MaxName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>Refuses parameters that would end the JSON too early, or keep the reply from ending after it.</summary>
    private static void RefuseCuts(ChatCompletionRequest request, string parameter)
    {
        if (request.Stop is { Count: > 0 })
            throw OpenAiException.InvalidRequest($"'stop' would cut the JSON that '{parameter}' asks for; leave one of both out.", "stop");
        if (request.IgnoreEos == true)
            throw OpenAiException.InvalidRequest($"'ignore_eos' does not go with '{parameter}': the reply ends when its JSON is complete.", "ignore_eos");
    }
}
