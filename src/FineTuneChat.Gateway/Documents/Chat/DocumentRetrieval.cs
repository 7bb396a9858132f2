using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents.Search;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Documents.Chat;

/// <summary>Looks a chat's last question up in the collections that it, the request or its assistant names.</summary>
internal sealed class DocumentRetrieval(DocumentSearch search, VectorStores stores, AssistantRegistry assistants, DocumentSettings settings) : IRetrieval
{
    private const int DefaultContext = 4096, FewTerms = 3;
    private const double CharactersPerToken = 2; // fewer than there are: rather a passage less than a request that becomes too long

    public async Task<Retrieved> ForAsync(ChatCompletionRequest request, Caller caller, EngineSpecification engine, CancellationToken cancellation)
    {
        string[] named = [.. request.VectorStoreIds ?? [], .. Attached(request)];
        if (named.Length > 0)
            stores.RequireAll(caller, named, "vector_store_ids");
        Assistant? assistant = assistants.Find(engine.Assistant);
        string[] asked = [.. named.Concat(stores.Known(assistant?.Settings.VectorStores ?? [])).Distinct()];
        if (asked.Length == 0 || request.Messages is not [.., { Role: "user", Content: { } question }])
            return Retrieved.Nothing;

        IReadOnlyList<FoundPassage> found = await search.FindAsync(
            asked, Query(request.Messages, question), settings.Passages, filter: null, settings.Threshold, cancellation);
        IReadOnlyList<FoundPassage> fitting = Fitting(found, assistant);
        return new([.. fitting.Select(passage => passage.Source)], PassagePrompt.Of(fitting));
    }

    /// <summary>To the last question: those of earlier ones have done what they were for.</summary>
    private static IEnumerable<string> Attached(ChatCompletionRequest request) =>
        request.Messages is [.., { Role: "user", VectorStoreIds: { } attached }] ? attached : [];

    /// <summary>The question; "and how much is it?" is looked up together with the one before it.</summary>
    private static string Query(IReadOnlyList<RequestMessage> messages, string question) =>
        QueryTerms.Of(question).Count < FewTerms && messages.SkipLast(1).LastOrDefault(m => m.Role == "user") is { Content: { } before }
            ? $"{question}\n{before}"
            : question;

    /// <summary>The best ones that fit into their share of the context; one at least, shortened where it must be.</summary>
    private FoundPassage[] Fitting(IReadOnlyList<FoundPassage> found, Assistant? assistant)
    {
        int context = assistant?.Base.ContextLength is > 0 and var length ? length : DefaultContext;
        int room = (int)(context * settings.Share * CharactersPerToken);
        var fitting = new List<FoundPassage>();
        foreach (FoundPassage passage in found)
        {
            if (fitting.Count > 0 && PassagePrompt.Length(passage) > room)
                continue;
            FoundPassage taken = passage.Text.Length <= room ? passage : passage with { Text = Shortened(passage.Text, room) };
            fitting.Add(taken);
            room -= PassagePrompt.Length(taken);
        }
        return [.. fitting];
    }

    private static string Shortened(string text, int length)
    {
        int end = Math.Clamp(length, 1, text.Length);
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + " …";
    }
}
