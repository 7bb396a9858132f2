using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.References;

/// <summary>What the base itself replied to a general question.</summary>
internal sealed record ReferenceReply(string Prompt, string Reply, string Use);

/// <summary>The base's own greedy replies to the general questions: made once per base, kept in <c>references/</c>.</summary>
internal sealed class ReferenceReplies(EngineRouter engines, EngineSettings settings, BaseModel baseModel, DataFolder folder)
{
    private const int MaxTokens = 128; // a longer reply is cut off and not used

    public async Task<IReadOnlyList<ReferenceReply>> GetAsync(CancellationToken cancellation)
    {
        string file = Path.Combine(folder.References, $"{baseModel.Sha256[..16]}.jsonl");
        if (!File.Exists(file))
            PrivateFile.WriteLines(file, (await AskAsync(cancellation)).Select(reply => JsonSerializer.Serialize(reply, ReferenceJson.Default.ReferenceReply)));
        return [.. File.ReadLines(file).Select(line => JsonSerializer.Deserialize(line, ReferenceJson.Default.ReferenceReply)!)];
    }

    private async Task<IReadOnlyList<ReferenceReply>> AskAsync(CancellationToken cancellation)
    {
        using EngineLease lease = engines.Acquire(AssistantNames.Versioned(AssistantNames.Default, 0));
        EngineProcess engine = await lease.ProcessAsync(cancellation);
        var replies = new ReferenceReply?[GeneralPrompts.All.Count];
        await Parallel.ForAsync(0, replies.Length, new ParallelOptions { MaxDegreeOfParallelism = settings.Parallel, CancellationToken = cancellation },
            async (i, token) => replies[i] = await AskAsync(engine, lease.Specification.Alias, GeneralPrompts.All[i], token));
        return [.. replies.OfType<ReferenceReply>()];
    }

    /// <summary>Null where the reply is cut off or empty: such a one is no example of good behaviour.</summary>
    private static async Task<ReferenceReply?> AskAsync(EngineProcess engine, string model, GeneralPrompt prompt, CancellationToken cancellation)
    {
        var request = new ChatCompletionRequest
        {
            Model = model,
            Messages = [new RequestMessage { Role = "user", Content = prompt.Prompt }],
            Temperature = 0,
            MaxTokens = MaxTokens,
        };
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.ChatCompletionRequest));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await engine.Client.PostAsync("v1/chat/completions", content, cancellation);
        response.EnsureSuccessStatusCode();
        ChatCompletion completion = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation), OpenAiJson.Default.ChatCompletion)!;
        ChatChoice choice = completion.Choices[0];
        return choice.FinishReason == FinishReasons.Stop && !string.IsNullOrWhiteSpace(choice.Message.Content)
            ? new ReferenceReply(prompt.Prompt, choice.Message.Content, prompt.Use)
            : null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GeneralPrompt))]
[JsonSerializable(typeof(ReferenceReply))]
internal sealed partial class ReferenceJson : JsonSerializerContext;
