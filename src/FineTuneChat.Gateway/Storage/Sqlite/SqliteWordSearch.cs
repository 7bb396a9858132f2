using FineTuneChat.Gateway.Storage.Search;

namespace FineTuneChat.Gateway.Storage.Sqlite;

/// <summary>FTS5, which finds its words in what is quoted by itself.</summary>
internal sealed class SqliteWordSearch : WordSearch
{
    public static readonly SqliteWordSearch Instance = new();

    public override string Messages => "SELECT rowid AS id FROM message_search WHERE message_search MATCH @words";
    public override string PassageIndex => "chunk_search s";
    public override string Passages => "chunk_search s JOIN document_chunks c ON c.id = s.rowid";
    public override string PassageMatches => "s.chunk_search MATCH @words";
    public override string PassageRank => "bm25(chunk_search, 1.0, 1.5, 0.5)";

    public override string Expression(IReadOnlyCollection<SearchWord> words, bool isAny) =>
        words.Count == 0 ? "\"\"" : string.Join(isAny ? " OR " : " ", words.Select(Quoted));

    private static string Quoted(SearchWord word) => $"\"{word.Text.Replace("\"", "\"\"")}\"{(word.IsBeginning ? "*" : "")}";
}
