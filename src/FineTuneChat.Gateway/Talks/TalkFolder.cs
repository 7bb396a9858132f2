using System.Text.Json;
using FineTuneChat.Gateway.Dialects;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Talks;

/// <summary>
/// Folds talks that have outgrown the context. The engine says where, because it has the tokens; what stands for the oldest turns is found, or written, here.
/// </summary>
internal sealed class TalkFolder(SummaryWriter summaries, TalkSettings settings) : ITalkFolding
{
    private const int ShortRequest = 512; // bytes, of which each token has one at least: no context is so small

    public async Task<Fold> FoldAsync(HttpContext http, ChatTurn turn, ChatCompletionRequest request, byte[] completed)
    {
        long parameters = ModelFacts.Of(turn.Lease.Specification.ModelPath)?.Parameters ?? 0;
        string? way = FoldingRules.WayOf(request.Truncation, turn.Assistant?.Truncation, settings.Truncation, parameters);
        if (way is null || completed.Length < ShortRequest)
            return Fold.None;

        JsonElement answer = await EngineCall.JsonAsync(http, turn.Lease, TalkFolds.Path, completed);
        TalkFolds talk = answer.Deserialize(TalksJson.Wire.TalkFolds)!;
        if (talk.Folds.Count == 0)
            return Fold.None;
        Fold? summarised = way == Truncations.Summary
            ? await summaries.FoldAsync(http, turn.Lease, request.Messages!, ChatRequestReader.Read(completed).Messages!, talk)
            : null;
        return summarised ?? new Fold(talk.Folds[^1]);
    }
}
