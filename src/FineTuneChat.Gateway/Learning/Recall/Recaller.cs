using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>What a correction does before it is learned: where it answers a new question, it stands before that as a turn of its own.</summary>
internal sealed class Recaller(RecallStore store, QuestionEmbedder embedder, AssistantRegistry assistants, RecallSettings settings) : IRecall
{
    /// <summary>Corrections before a question.</summary>
    public const int MostRecalled = 2;

    private const int DefaultContext = 4096;
    private const double CharactersPerToken = 2; // fewer than there are: rather nothing is recalled than that a request becomes too long

    public async Task<Recalled> ForAsync(ChatCompletionRequest request, Caller caller, EngineSpecification engine, CancellationToken cancellation)
    {
        bool isPlain = request is { Store: not false, Tools: null, ResponseFormat: null, Messages: [.., { Role: "user", Content: not null }] };
        if (!settings.Recall || assistants.Find(engine.Assistant) is not { } assistant || !isPlain || AssistantNames.IsVersion(request.Model))
            return Recalled.Nothing;
        string question = request.Messages![^1].Content!.Trim();
        if (!RewordingRules.IsQuestion(question))
            return Recalled.Nothing;

        RecallIndex index = store.Index(assistant.Id);
        float[]? vector = index.HasVectors && QuestionWords.IsEnglish(question) ? await embedder.EmbedAsync(question, cancellation) : null;
        string? system = request.Messages[0] is { Role: "system" or "developer" } first ? first.Content : null;
        int context = assistant.Base.ContextLength > 0 ? assistant.Base.ContextLength : DefaultContext;
        bool isFolded = request.Truncation is not (null or Truncations.Disabled); // a talk that takes all of the context makes room
        double left = isFolded ? context : context - Tokens(request.Messages) - (assistant.Settings.System.Length / CharactersPerToken);
        double room = Math.Min(settings.RecallShare * context, left);
        var turns = new List<(string Id, RequestMessage Question, RequestMessage Reply)>();
        foreach (Recallable found in index.Find(question, caller.Owner, system, vector))
        {
            if (turns.Count == MostRecalled)
                break;
            if (store.Find(found.Id, engine.Version!.Value) is not var (asked, reply) || Tokens([asked, reply]) > room)
                continue;
            room -= Tokens([asked, reply]);
            turns.Add((found.Id, asked, reply));
        }
        turns.Reverse(); // the best one last: nearest to the question
        return turns.Count == 0 ? Recalled.Nothing : new Recalled(
            [.. turns.Select(t => t.Id)], [.. turns.SelectMany(t => (RequestMessage[])[Said("user", t.Question), Said("assistant", t.Reply)])]);
    }

    /// <summary>Without names and reasoning, which a template might write.</summary>
    private static RequestMessage Said(string role, RequestMessage message) => new() { Role = role, Content = message.Content };

    private static double Tokens(IEnumerable<RequestMessage> messages) => messages.Sum(m => (m.Content?.Length ?? 0) / CharactersPerToken);
}
