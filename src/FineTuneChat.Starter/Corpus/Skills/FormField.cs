using System.Text.Json.Nodes;

namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>A field of a form with its value.</summary>
/// <param name="Label">What it is called in the text, in small letters.</param>
/// <param name="Told">The value as the text says it.</param>
/// <param name="Value">The value as JSON has it.</param>
internal sealed record FormField(string Label, string Told, JsonNode? Value)
{
    private static readonly string[] Units = ["", "", "", " euros", "€", " kg", " h", " %"];

    /// <summary>What stands there when the text does not tell it.</summary>
    public JsonNode? Nothing => Value is JsonArray ? new JsonArray() : null;

    /// <summary>For a list of objects: their keys in brackets; otherwise empty.</summary>
    public string Parts => Keys.Length == 0 ? "" : $" [{string.Join(", ", Keys)}]";

    private string[] Keys { get; init; } = [];

    public static FormField Draw(CorpusRandom random, Language language, bool isNested)
    {
        IReadOnlyDictionary<string, string> row;
        do row = random.Pick(Table.Get("fields").Rows);
        while (!isNested && row["kind"] is "list" or "objects");
        var label = random.Chance(0.3) ? Lexicon.Words(random.Between(1, 2), random, language) : row[language.Code()];
        return row["kind"] switch
        {
            "amount" => Amount(label, random),
            "boolean" => Boolean(label, random, language),
            "list" => List(label, random, language),
            "objects" => Objects(label, random, language),
            var kind => Text(label, Values.Draw(kind, random, language)),
        };
    }

    private static FormField Text(string label, string value) => new(label, value, JsonValue.Create(value));

    private static FormField Amount(string label, CorpusRandom random)
    {
        var value = random.Below(random.Chance(0.5) ? 100 : 10_000);
        return new FormField(label, value + random.Pick(Units), JsonValue.Create(value));
    }

    private static FormField Boolean(string label, CorpusRandom random, Language language)
    {
        var value = random.Chance(0.5);
        return new FormField(label, (language, value) switch { (Language.En, true) => "yes", (_, true) => "sí", _ => "no" }, JsonValue.Create(value));
    }

    private static FormField List(string label, CorpusRandom random, Language language)
    {
        var items = Enumerable.Range(0, random.Between(0, 3)).Select(_ => Lexicon.Words(random.Between(1, 2), random, language)).Distinct().ToArray();
        var none = language == Language.En ? "none" : "ninguno";
        return new FormField(label, items.Length == 0 ? none : string.Join(", ", items), new JsonArray([.. items.Select(i => (JsonNode)JsonValue.Create(i))]));
    }

    private static FormField Objects(string label, CorpusRandom random, Language language)
    {
        string[] keys =
        [
            random.Pick(["id", "ticket_id", "code"]),
            language == Language.En ? random.Pick(["hours", "units"]) : random.Pick(["horas", "unidades"]),
        ];
        var items = Enumerable.Range(0, random.Between(0, 3))
            .Select(_ => (Code: random.Chance(0.5) ? MadeUp.Code(random) : MadeUp.Digits(random, 4), Count: random.Between(1, 99))).ToArray();
        var none = language == Language.En ? "none" : "ninguno";
        return new FormField(
            label, items.Length == 0 ? none : string.Join(", ", items.Select(i => $"{i.Code} ({i.Count} {keys[1]})")),
            new JsonArray([.. items.Select(i => (JsonNode)new JsonObject { [keys[0]] = i.Code, [keys[1]] = i.Count })]))
        {
            Keys = keys,
        };
    }
}
