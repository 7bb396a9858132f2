using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Learning.References;

/// <summary>What the base itself replied to a general question; no text: nothing that can be used.</summary>
internal sealed record ReferenceReply(string Prompt, string Reply, string Use)
{
    /// <summary>What the system prompt said; null where there was none.</summary>
    public string? System { get; init; }
}

/// <summary>The base's own greedy replies to general questions, bundled ones and its own: made once per base, kept in <c>references/</c>.</summary>
internal sealed class ReferenceReplies(
    EngineRouter engines, EngineSettings settings, RetrainingSettings retraining, DataFolder folder)
{
    private const int MaxTokens = 128, MaxMeasured = 64; // a longer reply is cut off and not used; measured are many, each run
    private const int MostTries = 3; // of a base that repeats itself, or writes no end
    private const int Part = 32; // is written down together; a base of which nothing in a part can be used is not asked further

    private const int LongestQuestion = 400; // characters
    private static readonly ReferenceReply NotWritten = new("", "", GeneralPrompt.Replay); // keeps count of what was tried

    private string Replies(BaseModel model) => Path.Combine(folder.References, $"{model.Sha256[..16]}.jsonl");

    private string Imagined(BaseModel model) => Path.Combine(folder.References, $"{model.Sha256[..16]}-own.jsonl");

    /// <summary>Asks what was not asked of this base yet: all, or what a newer program asks beside it.</summary>
    /// <param name="assistant">Whose base it is.</param>
    /// <param name="replays">How many replies are wanted to mix into a dataset: where the bundled questions do not suffice, the base asks itself.</param>
    /// <param name="cancellation">Ends it; what was asked is kept.</param>
    public async Task<IReadOnlyList<ReferenceReply>> GetAsync(Assistant assistant, int replays, CancellationToken cancellation)
    {
        BaseModel model = assistant.Base;
        List<ReferenceReply> replies = Read(File.Exists(Replies(model)) ? Replies(model) : BesideModel(model));
        HashSet<(string?, string)> known = [.. replies.Select(r => (r.System, r.Prompt))];
        IEnumerable<GeneralPrompt> general = GeneralPrompts.All;
        if (retraining.SentencesFor(model) > 0)
            general = general.Concat(GeneralPrompts.InSentences);
        GeneralPrompt[] unknown = [.. general.Where(p => !known.Contains((p.System, p.Prompt)))];
        if (unknown.Length > 0)
        {
            replies.AddRange(await AskAsync(assistant, unknown, cancellation));
            Write(Replies(model), replies);
        }

        List<ReferenceReply> imagined = Read(File.Exists(Imagined(model)) ? Imagined(model) : BesideModel(model, "-own"));
        HashSet<DedupKey> questions = [.. replies.Concat(imagined).Select(r => DedupKey.OfQuestion(r.Prompt))];
        if (IsWorthIt())
        {
            using BaseSession session = await BaseSession.OpenAsync(engines, assistant, cancellation);
            string prefix = await session.UserPrefixAsync(cancellation);
            while (IsWorthIt())
            {
                imagined.AddRange(await ImagineAsync(session, prefix, Math.Min(Missing(), Part), imagined.Count, questions, cancellation));
                Write(Imagined(model), imagined);
            }
        }
        return [.. replies.Concat(imagined).Where(r => r.Reply.Length > 0)];

        bool IsWorthIt() => Missing() > 0 && imagined.Count < MostTries * replays
            && (imagined.Count < Part || imagined.TakeLast(Part).Any(r => r.Reply.Length > 0));

        int Missing() => replays - replies.Concat(imagined).Count(r => r.Use == GeneralPrompt.Replay && r.Reply.Length > 0);
    }

    /// <summary>How the base itself predicts its replies: measured once for the same rows.</summary>
    /// <param name="model">The base.</param>
    /// <param name="rows">A file of some of the replies, as the trainer reads them.</param>
    /// <param name="options">What else the figures hang on.</param>
    /// <param name="measure">Measures them.</param>
    public async Task<IReadOnlyList<MeasuredRow>> MeasuredAsync(
        BaseModel model, string rows, string options, Func<Task<IReadOnlyList<MeasuredRow>>> measure)
    {
        byte[] key = SHA256.HashData([.. await File.ReadAllBytesAsync(rows), .. Encoding.UTF8.GetBytes(options)]);
        string prefix = $"{model.Sha256[..16]}-", file = Path.Combine(folder.References, $"{prefix}{Convert.ToHexStringLower(key)[..16]}.rows");
        if (!File.Exists(file))
        {
            IReadOnlyList<MeasuredRow> measured = await measure();
            foreach (string older in Directory.EnumerateFiles(folder.References, $"{prefix}*.rows"))
                File.Delete(older);
            PrivateFile.WriteLines(file, measured.Select(row => JsonSerializer.Serialize(row, GateJson.Wire.MeasuredRow)));
        }
        return [.. File.ReadLines(file).Select(line => JsonSerializer.Deserialize(line, GateJson.Wire.MeasuredRow)!)];
    }

    /// <summary>Beside the bundled questions, what the base itself would ask: as many different ones as are wanted, with its replies.</summary>
    private async Task<IReadOnlyList<ReferenceReply>> ImagineAsync(
        BaseSession session, string prefix, int count, int tried, HashSet<DedupKey> known, CancellationToken cancellation)
    {
        var found = new ReferenceReply?[count];
        await BaseSession.EachAsync(Enumerable.Range(0, count), settings, async (i, token) =>
        {
            if (await session.ImagineAsync(prefix, MaxTokens, tried + i, token) is { } question && question.Trim() is { Length: <= LongestQuestion } prompt)
                found[i] = new ReferenceReply(prompt, await session.AskAsync(prompt, MaxTokens, 0, 0, token) ?? "", GeneralPrompt.Replay);
        }, cancellation);
        return [.. found.Select(reply => reply ?? NotWritten).Select(reply => known.Add(DedupKey.OfQuestion(reply.Prompt)) ? reply : NotWritten)];
    }

    private async Task<IReadOnlyList<ReferenceReply>> AskAsync(Assistant assistant, GeneralPrompt[] prompts, CancellationToken cancellation)
    {
        using BaseSession session = await BaseSession.OpenAsync(engines, assistant, cancellation);
        var replies = new ReferenceReply[prompts.Length];
        await BaseSession.EachAsync(Enumerable.Range(0, prompts.Length), settings, async (i, token) =>
        {
            (string prompt, string use) = prompts[i];
            int most = use == GeneralPrompt.Regression ? MaxMeasured : MaxTokens;
            string? system = prompts[i].System, reply = null;
            try
            {
                reply = await session.AskAsync(prompt, most, 0, 0, token, system);
            }
            catch (HttpRequestException e) when (system is not null && e.StatusCode == HttpStatusCode.BadRequest)
            {
                // Its template knows no system prompt.
            }
            replies[i] = new ReferenceReply(prompt, reply ?? "", use) { System = system };
        }, cancellation);
        return replies;
    }

    /// <summary>A model may bring its replies along, as the starter does.</summary>
    private static string BesideModel(BaseModel model, string kind = "") =>
        Path.Combine(Path.GetDirectoryName(model.Path)!, $"references-{model.Sha256[..16]}{kind}.jsonl");

    private static List<ReferenceReply> Read(string file) =>
        File.Exists(file) ? [.. File.ReadLines(file).Select(line => JsonSerializer.Deserialize(line, ReferenceJson.Default.ReferenceReply)!)] : [];

    private static void Write(string file, IEnumerable<ReferenceReply> replies) =>
        PrivateFile.WriteLines(file, replies.Select(reply => JsonSerializer.Serialize(reply, ReferenceJson.Default.ReferenceReply)));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GeneralPrompt))]
[JsonSerializable(typeof(ReferenceReply))]
internal sealed partial class ReferenceJson : JsonSerializerContext;
