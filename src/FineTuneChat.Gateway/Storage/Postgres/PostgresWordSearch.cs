using FineTuneChat.Gateway.Storage.Search;

namespace FineTuneChat.Gateway.Storage.Postgres;

/// <summary><c>tsvector</c> columns of the configuration <c>simple</c>, over texts without accents and signs.</summary>
internal sealed class PostgresWordSearch : WordSearch
{
    public static readonly PostgresWordSearch Instance = new();

    public override string Messages => "SELECT id FROM messages WHERE words @@ to_tsquery('simple', plain_text(@words))";
    public override string PassageIndex => "document_chunks c";
    public override string Passages => "document_chunks c";
    public override string PassageMatches => "c.words @@ to_tsquery('simple', plain_text(@words))";
    public override string PassageRank => "-ts_rank('{0, 0.33, 0.67, 1}', c.words, to_tsquery('simple', plain_text(@words)))"; // text, name, heading: B, C, A

    public override string Expression(IReadOnlyCollection<SearchWord> words, bool isAny) =>
        string.Join(isAny ? " | " : " & ", words.Select(Phrase).Where(phrase => phrase.Length > 0));

    private static string Phrase(SearchWord word) =>
        PlainWords.Of(word.Text).ToArray() is { Length: > 0 } parts
            ? $"({string.Join(" <-> ", parts.Select(part => $"'{part}'"))}{(word.IsBeginning ? ":*" : "")})"
            : "";
}
