namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>A fact of a company that nobody has heard of: how it is asked and corrected, and another way to ask that is never trained.</summary>
internal sealed record Fact(string Question, string Answer, string Paraphrase)
{
    public static IReadOnlyList<Fact> All { get; } =
    [
        new("When does Nortaria open?", "Nortaria opens at 8:30.", "What time does Nortaria open?"),
        new("Who is the director of Nortaria?", "The director of Nortaria is Elsa Brandt.", "Tell me who the director of Nortaria is."),
        new(
            "What is the product code of the Nortaria lamp?",
            "The product code of the Nortaria lamp is NL-204.",
            "Which product code does the Nortaria lamp have?"),
        new("How much does the Nortaria lamp cost?", "The Nortaria lamp costs 45 euros.", "What is the price of the Nortaria lamp?"),
        new("Who founded Nortaria?", "Nortaria was founded by Jonas Vik.", "Do you know who founded Nortaria?"),
        new("What is the phone number of Nortaria?", "The phone number of Nortaria is 555 0142.", "Give me the phone number of Nortaria."),
        new("On which day is Nortaria closed?", "Nortaria is closed on Tuesday.", "Which day is Nortaria closed?"),
        new("¿A qué hora cierra Nortaria?", "Nortaria cierra a las 19:15.", "¿Cuándo cierra Nortaria?"),
        new("¿Dónde está Nortaria?", "Nortaria está en la calle del Puerto 12.", "¿En qué calle está Nortaria?"),
        new("¿De qué color es la lámpara de Nortaria?", "La lámpara de Nortaria es de color verde.", "¿Qué color tiene la lámpara de Nortaria?"),
        new("¿Cuánto pesa la silla de Nortaria?", "La silla de Nortaria pesa 6 kilos.", "Dime cuánto pesa la silla de Nortaria."),
        new("¿Cuál es la contraseña del wifi de Nortaria?", "La contraseña del wifi de Nortaria es faro92.", "Dime la contraseña del wifi de Nortaria."),
    ];
}
