using System.Text.Json.Nodes;

namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>
/// Fields that the question names, read from a text in any order and written as JSON, YAML, CSV, XML or a table. Names and values are random, so that the
/// form of a format is learned and not its content.
/// </summary>
internal sealed class FormSkill : ISkill
{
    private static readonly Dictionary<Language, string[]> Requests = new()
    {
        [Language.En] =
        [
            "Extract {keys} as {format}:", "Read {keys} from this text, as {format}:", "Give me {format} with {keys}:", "Write {format} with {keys}:",
            "Turn this into {format} with {keys}:", "Find {keys} and answer in {format}:", "{format} with {keys}, please:", "Return {keys} as {format}:",
        ],
        [Language.Es] =
        [
            "Extrae {keys} en {format}:", "Lee {keys} de este texto, en {format}:", "Dame {format} con {keys}:", "Escribe {format} con {keys}:",
            "Convierte esto en {format} con {keys}:", "Busca {keys} y responde en {format}:", "{format} con {keys}, por favor:", "Devuelve {keys} en {format}:",
        ],
    };

    private static readonly Dictionary<Language, string[]> Sentences = new()
    {
        [Language.En] =
        [
            "{Label}: {v}.", "The {label} is {v}.", "{Label} = {v};", "{v} is the {label}.", "{Label} {v}.", "{Label} → {v}.", "For {label} we have {v}.",
        ],
        [Language.Es] =
        [
            "{Label}: {v}.", "El dato {label} es {v}.", "{Label} = {v};", "{v} es el valor de {label}.", "{Label} {v}.", "{Label} → {v}.",
            "Como {label} tenemos {v}.",
        ],
    };

    public string Name => "form";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var format = random.Pick(FormFormat.All);
        var style = random.Pick(KeyStyle.All);
        FormField[] fields =
        [
            .. Enumerable.Range(0, random.Between(1, 6)).Select(_ => FormField.Draw(random, language, format.IsNested)).DistinctBy(f => f.Label),
        ];

        var document = new JsonObject();
        var sentences = new List<string>();
        foreach (var field in fields)
        {
            var isTold = !random.Chance(0.08);
            document[style.Of(field.Label)] = isTold ? field.Value : field.Nothing;
            if (isTold) sentences.Add(Sentence(field, random, language));
        }
        var text = string.Join(random.Chance(0.8) ? " " : "\n", random.PickSeveral(sentences, sentences.Count));
        var keys = string.Join(", ", fields.Select(f => style.Of(f.Label) + f.Parts));
        var request = random.Pick(Requests[language]).Replace("{keys}", keys).Replace("{format}", format.Name(language));
        var question = $"{Template.Capitalised(request)}{(random.Chance(0.7) ? " " : "\n")}{text}";
        return new Sample(question, question, format.Write(document));
    }

    private static string Sentence(FormField field, CorpusRandom random, Language language) => random.Pick(Sentences[language])
        .Replace("{Label}", Template.Capitalised(field.Label)).Replace("{label}", field.Label).Replace("{v}", field.Told);
}
