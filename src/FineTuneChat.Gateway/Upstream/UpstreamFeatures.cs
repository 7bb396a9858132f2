using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>
/// What a server elsewhere does beside writing. Many take a parameter and ignore it; so each is tried out once, when it is asked for the first time, and
/// refused from then on where nothing came of it.
/// </summary>
internal sealed class UpstreamFeatures
{
    private const string Word = "zebra"; // nobody says it to "Hi" unless made to
    private static readonly Feature[] All =
    [
        new("log-probabilities of tokens", "logprobs", r => r.Logprobs == true,
            new() { ["logprobs"] = true, ["max_tokens"] = 1 },
            choice => choice["logprobs"]?["content"] is JsonArray { Count: > 0 }),
        new("replies that follow a JSON schema", "response_format", r => TypeOf(r.ResponseFormat) == "json_schema",
            new() { ["response_format"] = JsonNode.Parse(Schema), ["max_tokens"] = 32 },
            choice => IsBeginning(choice, $$"""{"word":"{{Word}}"}""")),
        new("replies that are one of some texts", "guided_choice", r => r.GuidedChoice is not null,
            new() { ["guided_choice"] = new JsonArray(Word), ["max_tokens"] = 16 },
            choice => IsBeginning(choice, Word)),
        new("replies that match a pattern", "guided_regex", r => r.GuidedRegex is not null,
            new() { ["guided_regex"] = Word, ["max_tokens"] = 16 },
            choice => IsBeginning(choice, Word)),
    ];

    private const string Schema =
        """
        {"type":"json_schema","json_schema":{"name":"word","strict":true,"schema":{"type":"object",
        "properties":{"word":{"type":"string","enum":["zebra"]}},"required":["word"],"additionalProperties":false}}}
        """;

    private readonly Dictionary<Feature, bool> _known = [];
    private readonly SemaphoreSlim _trying = new(1);

    /// <summary>Makes sure that nothing is asked which would be ignored.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="model">The model's id there.</param>
    /// <param name="choose">Some replica; null: none is up.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="OpenAiException">400: it would be; 502, 503: that could not be found out.</exception>
    public async Task RequireAsync(UpstreamRequest asked, string model, Func<Replica?> choose, CancellationToken cancellation)
    {
        if (asked.Chat is not { } chat)
            return;
        foreach (Feature feature in All.Where(f => f.IsAsked(chat)))
            if (!await HasAsync(feature, model, choose, cancellation))
                throw UpstreamError.Lacks(feature.Name, feature.Parameter);
    }

    private async Task<bool> HasAsync(Feature feature, string model, Func<Replica?> choose, CancellationToken cancellation)
    {
        await _trying.WaitAsync(cancellation);
        try
        {
            if (!_known.TryGetValue(feature, out bool has))
            {
                Replica replica = choose() ?? throw UpstreamError.Unavailable("No replica of the upstream answers.");
                _known[feature] = has = await TryAsync(feature, model, replica, cancellation);
            }
            return has;
        }
        finally
        {
            _trying.Release();
        }
    }

    private static async Task<bool> TryAsync(Feature feature, string model, Replica replica, CancellationToken cancellation)
    {
        JsonObject body = feature.Parameters.DeepClone().AsObject();
        (body["model"], body["temperature"]) = (model, 0);
        body["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" });
        try
        {
            byte[] reply = await replica.PostAsync("v1/chat/completions", body, cancellation);
            return JsonNode.Parse(reply)?["choices"]?[0] is { } choice && feature.HasWorked(choice);
        }
        catch (OpenAiException e) when (e.Status is >= 400 and < 500)
        {
            return false;
        }
        catch (ReplicaException e)
        {
            throw e.Error;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            return false; // what came has not the form that was asked for
        }
    }

    /// <summary>Whether a reply is what it was made to be, blanks aside, as far as its few tokens go.</summary>
    private static bool IsBeginning(JsonNode choice, string expected)
    {
        string said = string.Concat(((string)choice["message"]!["content"]!).Where(c => !char.IsWhiteSpace(c)));
        return said.Length > 0 && expected.StartsWith(said, StringComparison.Ordinal);
    }

    private static string? TypeOf(JsonElement? format) =>
        format is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()
            : null;

    /// <param name="Name">In words.</param>
    /// <param name="Parameter">Of a request.</param>
    /// <param name="IsAsked">Whether a request needs it.</param>
    /// <param name="Parameters">A request that tries it out.</param>
    /// <param name="HasWorked">Whether the reply's first choice shows it.</param>
    private sealed record Feature(
        string Name, string Parameter, Func<ChatCompletionRequest, bool> IsAsked, JsonObject Parameters, Func<JsonNode, bool> HasWorked);
}
