using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.References;

/// <summary>What the base itself replied to a general question; no text: nothing that can be used.</summary>
internal sealed record ReferenceReply(string Prompt, string Reply, string Use);

/// <summary>The base's own greedy replies to the general questions: made once per base, kept in <c>references/</c>.</summary>
internal sealed class ReferenceReplies(EngineRouter engines, EngineSettings settings, BaseModel baseModel, DataFolder folder)
{
    private const int MaxTokens = 128, MaxMeasured = 64; // a longer reply is cut off and not used; measured are many, each run

    /// <summary>Questions to ask of the base. What a base asks by itself would come here beside them, as <see cref="GeneralPrompt.Replay"/>.</summary>
    private static IReadOnlyList<GeneralPrompt> Prompts => GeneralPrompts.All;

    private string Replies => Path.Combine(folder.References, $"{baseModel.Sha256[..16]}.jsonl");

    /// <summary>Asks what was not asked of this base yet: all, or what a newer program asks beside it.</summary>
    public async Task<IReadOnlyList<ReferenceReply>> GetAsync(CancellationToken cancellation)
    {
        List<ReferenceReply> replies = File.Exists(Replies)
            ? [.. File.ReadLines(Replies).Select(line => JsonSerializer.Deserialize(line, ReferenceJson.Default.ReferenceReply)!)]
            : [];
        HashSet<string> known = [.. replies.Select(r => r.Prompt)];
        GeneralPrompt[] unknown = [.. Prompts.Where(p => !known.Contains(p.Prompt))];
        if (unknown.Length > 0)
        {
            replies.AddRange(await AskAsync(unknown, cancellation));
            PrivateFile.WriteLines(Replies, replies.Select(reply => JsonSerializer.Serialize(reply, ReferenceJson.Default.ReferenceReply)));
        }
        return [.. replies.Where(r => r.Reply.Length > 0)];
    }

    /// <summary>How the base itself predicts its replies: measured once for the same rows.</summary>
    /// <param name="rows">A file of some of the replies, as the trainer reads them.</param>
    /// <param name="options">What else the figures hang on.</param>
    /// <param name="measure">Measures them.</param>
    public async Task<IReadOnlyList<MeasuredRow>> MeasuredAsync(string rows, string options, Func<Task<IReadOnlyList<MeasuredRow>>> measure)
    {
        byte[] key = SHA256.HashData([.. await File.ReadAllBytesAsync(rows), .. Encoding.UTF8.GetBytes(options)]);
        string prefix = $"{baseModel.Sha256[..16]}-", file = Path.Combine(folder.References, $"{prefix}{Convert.ToHexStringLower(key)[..16]}.rows");
        if (!File.Exists(file))
        {
            IReadOnlyList<MeasuredRow> measured = await measure();
            foreach (string older in Directory.EnumerateFiles(folder.References, $"{prefix}*.rows"))
                File.Delete(older);
            PrivateFile.WriteLines(file, measured.Select(row => JsonSerializer.Serialize(row, GateJson.Wire.MeasuredRow)));
        }
        return [.. File.ReadLines(file).Select(line => JsonSerializer.Deserialize(line, GateJson.Wire.MeasuredRow)!)];
    }

    private async Task<IReadOnlyList<ReferenceReply>> AskAsync(GeneralPrompt[] prompts, CancellationToken cancellation)
    {
        using EngineLease lease = engines.Acquire(AssistantNames.Versioned(AssistantNames.Default, 0));
        EngineProcess engine = await lease.ProcessAsync(cancellation);
        var replies = new ReferenceReply[prompts.Length];
        await Parallel.ForAsync(0, replies.Length, new ParallelOptions { MaxDegreeOfParallelism = settings.Parallel, CancellationToken = cancellation },
            async (i, token) => replies[i] = await AskAsync(engine, lease.Specification.Alias, prompts[i], token));
        return replies;
    }

    /// <summary>Without text where the reply is cut off or empty: such a one is no example of good behaviour.</summary>
    private static async Task<ReferenceReply> AskAsync(EngineProcess engine, string model, GeneralPrompt prompt, CancellationToken cancellation)
    {
        var request = new ChatCompletionRequest
        {
            Model = model,
            Messages = [new RequestMessage { Role = "user", Content = prompt.Prompt }],
            Temperature = 0,
            MaxTokens = prompt.Use == GeneralPrompt.Regression ? MaxMeasured : MaxTokens,
        };
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.ChatCompletionRequest));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await engine.Client.PostAsync("v1/chat/completions", content, cancellation);
        response.EnsureSuccessStatusCode();
        ChatCompletion completion = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation), OpenAiJson.Default.ChatCompletion)!;
        ChatChoice choice = completion.Choices[0];
        bool isUsable = choice.FinishReason == FinishReasons.Stop && !string.IsNullOrWhiteSpace(choice.Message.Content);
        return new ReferenceReply(prompt.Prompt, isUsable ? choice.Message.Content! : "", prompt.Use);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GeneralPrompt))]
[JsonSerializable(typeof(ReferenceReply))]
internal sealed partial class ReferenceJson : JsonSerializerContext;
