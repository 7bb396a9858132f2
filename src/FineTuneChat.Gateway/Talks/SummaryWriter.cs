using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Dialects;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Talks;

/// <summary>
/// Summaries of a talk's oldest turns, by the model that answers. It is asked at the end of the very prompt that it has just read, so that all but the
/// question is in its prefix cache; each summary tells of the one before, too.
/// </summary>
internal sealed class SummaryWriter(SummaryStore store)
{
    private const int MostTokens = 256, ShareOfContext = 8;
    private const int MostAtOnce = 4; // of a long talk that never was summarised, what is older stays out
    private const string Instruction =
        "Summarise our conversation so far in at most 120 words, in the language that we speak in. Keep names, numbers, decisions and what I asked you to "
        + "do. Write the summary alone.";

    /// <summary>Null where the talk has no place for a summary (it is not logged), or none could be written: then its oldest turns are left out.</summary>
    /// <param name="http">The client.</param>
    /// <param name="lease">The engine.</param>
    /// <param name="messages">As the client has sent them: the log knows them.</param>
    /// <param name="completed">The same with what the assistant adds: the engine knows these.</param>
    /// <param name="talk">Where it folds.</param>
    public async Task<Fold?> FoldAsync(
        HttpContext http, EngineLease lease, IReadOnlyList<RequestMessage> messages, IReadOnlyList<RequestMessage> completed, TalkFolds talk)
    {
        int head = FoldedTalk.HeadOf(messages);
        byte[][] path = MessagePath.Of([.. messages.Take(head + talk.Folds[^1])]);

        // 1. From the newest folding back to one that has its summary.
        var open = new Stack<(int Count, long Id)>();
        Fold? fold = null;
        foreach (int count in talk.Folds.Reverse().Take(MostAtOnce))
        {
            if (store.Find(Caller.Of(http), path[head + count - 1]) is not var (id, summary))
                break;
            if (summary is not null)
            {
                fold = new Fold(count, summary, id);
                break;
            }
            open.Push((count, id));
        }

        // 2. And forth again: each from the one before.
        while (open.TryPop(out (int Count, long Id) next))
        {
            IReadOnlyList<RequestMessage> upTo = [.. completed.Take(FoldedTalk.HeadOf(completed) + next.Count)];
            int left = fold?.Messages ?? talk.Folds.LastOrDefault(count => count < next.Count);
            if (await WriteAsync(http, lease, FoldedTalk.Of(upTo, left, fold?.Summary), talk.Context) is not { } written)
                return null;
            fold = new Fold(next.Count, await store.KeepAsync(next.Id, written), next.Id);
        }
        return fold?.Messages == talk.Folds[^1] ? fold : null;
    }

    private static async Task<string?> WriteAsync(HttpContext http, EngineLease lease, IReadOnlyList<RequestMessage> talk, int context)
    {
        var request = new ChatCompletionRequest
        {
            Messages = [.. talk, new RequestMessage { Role = "user", Content = Instruction }],
            Temperature = 0,
            MaxTokens = Math.Min(MostTokens, context / ShareOfContext),
            ChatTemplateKwargs = ChatSwitches.Thinking(false),
        };
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.ChatCompletionRequest);
        JsonElement reply = await EngineCall.JsonAsync(http, lease, ChatCompletionsApi.Path, body);
        string? text = reply.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()?.Trim();
        return string.IsNullOrEmpty(text) ? null : text;
    }
}
