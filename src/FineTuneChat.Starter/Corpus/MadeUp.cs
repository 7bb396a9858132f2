namespace FineTuneChat.Starter.Corpus;

/// <summary>Names that nobody has: what the starter learns to copy letter by letter, and to say that it does not know.</summary>
internal static class MadeUp
{
    private static readonly string[] Onsets = "b br c cl d dr f fl g gr h j k l m n p pr qu r s st t tr v w x y z b d k l m n r s t v z".Split(' ');
    private static readonly string[] Vowels = "a e i o u a e i o a e o ai ea io".Split(' ');
    private static readonly string[] Codas = ["", "", "", "n", "r", "l", "s", "x", "m", "k", "t", "n", "r", "l", "nd", "rt"];
    private static readonly string[] CompanyWords = ("Blue Red Silver Golden North South River Harbor Stone Maple Cedar Falcon Kestrel Orbit Sun Moon Star "
        + "Iron Copper Green Bright Swift Ocean Summit Valley Pine Fox Heron Amber Crystal Lantern Anchor Willow").Split(' ');
    private static readonly string[] EnglishKinds = ("Bakery Tools Books Hotel Robotics Clinic Labs Café Motors Foods Pharmacy Systems Garden Travel Bank Gym "
        + "Studio Market Software Energy Logistics Dental Museum Library Cinema Restaurant School Pizza").Split(' ');
    private static readonly string[] SpanishKinds = ("Panadería Ferretería Librería Hotel Clínica Farmacia Taller Café Restaurante Tienda Academia "
        + "Gimnasio Banco Museo Cine Floristería Pastelería Óptica Mercado Editorial Transportes Talleres Bodegas Laboratorio Pizzería "
        + "Zapatería").Split(' ');
    private static readonly string[] SpanishWords = ("Luna Sol Lumbre Norte Sur Mar Río Estrella Roble Olivo Cobre Plata Aurora Brisa Colina Faro Jardín "
        + "Lago Nieve Puerto Sierra Trigo Valle Viento Alba Cumbre Fuente Prado").Split(' ');

    // Chance spells these too; nobody wants to read them.
    private static readonly string[] Banned = ("nazi hitler fuck shit cunt cock dick slut porn anus rape nig fag sex tits kill puta puto pene culo coño caca "
        + "pedo mierd joder pija zorra").Split(' ');

    /// <summary>A pronounceable word of two or three syllables without a meaning, in lower case.</summary>
    public static string Word(CorpusRandom random)
    {
        string word;
        do word = AnyWord(random);
        while (Banned.Any(b => word.Contains(b, StringComparison.Ordinal)));
        return word;
    }

    public static string Name(CorpusRandom random) => Template.Capitalised(Word(random));

    /// <summary>A company: one made-up word, such a word with a trade, or two ordinary words.</summary>
    public static string Company(CorpusRandom random, Language language) => (random.Below(10), language) switch
    {
        ( < 5, _) => Name(random),
        ( < 7, Language.En) => $"{Name(random)} {random.Pick(EnglishKinds)}",
        (_, Language.En) => $"{random.Pick(CompanyWords)} {random.Pick(random.Chance(0.4) ? CompanyWords : EnglishKinds)}",
        ( < 8, _) => $"{random.Pick(SpanishKinds)} {Name(random)}",
        _ => $"{random.Pick(SpanishKinds)} {random.Pick(SpanishWords)}",
    };

    /// <summary>A product with its article, such as "the Lumo lamp" and "la lámpara Lumo".</summary>
    public static string Product(CorpusRandom random, Language language)
    {
        var name = random.Chance(0.3) ? $"{Name(random)} {random.Between(2, 99)}" : Name(random);
        return random.Pick(Table.Get("products").Column(language.Code())).Replace("*", name);
    }

    /// <summary>First and last name, one or both made up.</summary>
    public static string Person(CorpusRandom random) => random.Chance(0.5)
        ? $"{random.Pick(Table.Get("first_names").Column("name"))} {Name(random)}"
        : $"{Name(random)} {Name(random)}";

    /// <summary>An article or order code such as "ZX-4471".</summary>
    public static string Code(CorpusRandom random) => random.Below(4) switch
    {
        0 => $"{Letters(random, 2)}-{Digits(random, 4)}",
        1 => $"{Letters(random, 2)}-{Digits(random, 3)}",
        2 => $"{Letters(random, 1)}{Digits(random, 4)}",
        _ => $"{Letters(random, 3)}-{Digits(random, 2)}",
    };

    public static string Digits(CorpusRandom random, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => (char)('0' + (i == 0 ? random.Between(1, 9) : random.Below(10)))));

    private static string AnyWord(CorpusRandom random)
    {
        var word = "";
        for (var syllables = random.Chance(0.85) ? 2 : 3; syllables > 0; syllables--)
            word += random.Pick(Onsets) + random.Pick(Vowels)
                + (syllables == 1 ? random.Pick(Codas) : random.Chance(0.2) ? random.Pick(["n", "r", "l", "s"]) : "");
        return word;
    }

    private static string Letters(CorpusRandom random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => (char)('A' + random.Below(26))));
}
