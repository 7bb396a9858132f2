using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Engine.Completions;

/// <summary><c>POST /internal/folds</c>: where a talk that has outgrown the context folds. The gateway, which knows the whole talk, does it.</summary>
internal static class FoldsEndpoint
{
    private static readonly RequestMessage Probe = new() { Role = "user", Content = "?" };

    public static async Task<IResult> HandleAsync(HttpContext http, ServedModel model)
    {
        ChatCompletionRequest request = ChatRequestReader.Read(await RequestReader.ReadBodyAsync(http.Request));
        IReadOnlyList<RequestMessage> messages = request.Messages!;
        IReadOnlyList<RequestMessage[]> turns = FoldedTalk.TurnsOf(messages);
        int context = model.Engine.ContextLength;
        if (turns.Count == 0)
            return Answer([], context);

        // What always stays: the system prompt, tools, what the template writes around them. It refuses what cannot be read at all.
        RequestMessage[] head = [.. messages.Take(FoldedTalk.HeadOf(messages)), Probe];
        int fixedTokens = model.Encode(request with { Messages = head }, RequestTools.Of(request)).Tokens.Length;
        TurnSize[] sizes = [.. turns.Select(turn => new TurnSize(Tokens(turn[0], model), turn.Skip(1).Sum(m => Tokens(m, model))))];
        int least = fixedTokens + sizes[^1].All;
        if (least >= context)
            throw OpenAiException.LastTurnTooLong(least, context);
        return Answer([.. FoldRules.Of(fixedTokens, sizes, context).Select(count => turns.Take(count).Sum(turn => turn.Length))], context);
    }

    private static IResult Answer(IReadOnlyList<int> folds, int context) => Results.Json(new TalkFolds(folds, context), EngineJson.Wire.TalkFolds);

    private static int Tokens(RequestMessage message, ServedModel model) =>
        model.MessageOverhead + model.CountTokens(message.Content) + model.CountTokens(message.ReasoningContent) + model.CountTokens(message.Refusal)
        + (message.ToolCalls ?? []).Sum(call =>
            model.MessageOverhead + model.CountTokens(call.Function?.Name) + model.CountTokens(call.Function?.Arguments));
}
