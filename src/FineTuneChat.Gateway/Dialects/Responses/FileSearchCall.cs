using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>What the tool <c>file_search</c> did for a response.</summary>
/// <param name="Sources">The passages; empty: the documents hold nothing about the question.</param>
/// <param name="Queries">What was searched for.</param>
/// <param name="IsShown">Whether the client wants the passages among the output.</param>
internal sealed record FileSearchCall(IReadOnlyList<DocumentSource> Sources, IReadOnlyList<string> Queries, bool IsShown)
{
    private const string Results = "file_search_call.results";

    public IReadOnlyList<FileCitation> Citations => FileCitation.Of(Sources);

    /// <summary>Null where no documents were asked.</summary>
    public static FileSearchCall? Of(IReadOnlyList<DocumentSource>? sources, ChatCompletionRequest request, IReadOnlyList<string>? include) =>
        sources is null ? null : new(sources, [request.Messages!.LastOrDefault(m => m.Role == "user")?.Content ?? ""], include?.Contains(Results) == true);
}
