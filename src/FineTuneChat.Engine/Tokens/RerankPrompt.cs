using FineTuneChat.Native.Llama;

namespace FineTuneChat.Engine.Tokens;

/// <summary>
/// Query and document as a reranker reads them: in the file's own template, otherwise one after the other with the tokens that encoders have between two texts.
/// </summary>
/// <param name="vocabulary">The model's.</param>
/// <param name="template">The file's; null = it has none.</param>
internal sealed class RerankPrompt(Vocabulary vocabulary, string? template)
{
    public int[] Tokens(string query, string document)
    {
        if (template is not null)
        {
            // As a whole, for words grow together with what stands before them. A document that looks like a control token spoils its own score only.
            string text = string.Join(document, template.Split("{document}").Select(part => part.Replace("{query}", query, StringComparison.Ordinal)));
            return vocabulary.Tokenize(text, addSpecial: false, parseSpecial: true);
        }

        int? end = vocabulary.Eos ?? vocabulary.Separator;
        return
        [
            .. Where(vocabulary.AddBos, vocabulary.Bos), .. vocabulary.Tokenize(query, addSpecial: false, parseSpecial: false),
            .. Where(vocabulary.AddEos, end), .. Where(vocabulary.AddSeparator, vocabulary.Separator),
            .. vocabulary.Tokenize(document, addSpecial: false, parseSpecial: false), .. Where(vocabulary.AddEos, end),
        ];
    }

    private static int[] Where(bool isWanted, int? token) => isWanted && token is { } id ? [id] : [];
}
