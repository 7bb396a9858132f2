using System.Text;
using FineTuneChat.Datasets.Checks;

namespace FineTuneChat.Datasets.Formats;

/// <summary>
/// What columns are called, in English, Spanish, German, French, Portuguese and Italian. A sure name means one thing wherever it stands; a possible one is
/// taken only where it is the only one for the place that is left.
/// </summary>
internal static class FieldNames
{
    private static readonly Dictionary<string, Field> Sure = Table(
        (Field.Messages, "messages conversations conversation dialog dialogue turns chat_messages mensajes nachrichten mensagens messaggi"),
        (Field.Prompt, "prompt instruction instructions question query user human user_message user_input user_prompt "
            + "instruccion pregunta consulta usuario frage anweisung aufgabe anfrage instrucao pergunta istruzione domanda utente utilisateur benutzer nutzer"),
        (Field.Input, "input context contexto entrada eingabe kontext contexte entree contesto ingresso"),
        (Field.Reply, "completion response output answer reply assistant gpt chatgpt bot assistant_message model_response ai_response "
            + "respuesta contestacion salida asistente antwort ausgabe assistent reponse sortie resposta saida assistente risposta uscita"),
        (Field.System, "system system_prompt system_message sistema"),
        (Field.History, "history historial verlauf historique historico cronologia"),
        (Field.Chosen, "chosen preferred accepted elegida"),
        (Field.Rejected, "rejected dispreferred rechazada"),
        (Field.Tools, "tools functions"));

    private static readonly HashSet<string> PossiblePrompts = [.. Names(
        "text message title subject content body sentence source texto mensaje titulo asunto titel betreff nachricht texte titre sujet mensagem assunto testo "
        + "titolo oggetto phrase frase satz description descripcion")];

    private static readonly HashSet<string> PossibleReplies = [.. Names(
        "message text label category class summary translation target code content intent sentiment tag mensaje texto etiqueta categoria clase resumen "
        + "traduccion kategorie klasse zusammenfassung ubersetzung nachricht etiquette categorie resume traduction mensagem rotulo resumo traducao messaggio "
        + "etichetta classe riassunto traduzione solution solucion loesung losung soluzione")];

    /// <summary>What a name surely means; null for any other.</summary>
    public static Field? Of(string name) => Sure.TryGetValue(Normalise(name), out Field field) ? field : null;

    public static bool MayBePrompt(string name) => PossiblePrompts.Contains(Normalise(name));

    public static bool MayBeReply(string name) => PossibleReplies.Contains(Normalise(name));

    /// <summary>In lower case, without accents, spaces and marks: <c>Réponse </c> is <c>reponse</c>, <c>user_input</c> is <c>userinput</c>.</summary>
    public static string Normalise(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (char c in name)
            if (char.IsLetterOrDigit(c))
                plain.Append(LatinLetters.PlainOf(c));
        return plain.ToString();
    }

    private static IEnumerable<string> Names(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Normalise);

    private static Dictionary<string, Field> Table(params (Field Field, string Names)[] rows) =>
        rows.SelectMany(row => Names(row.Names), (row, name) => (name, row.Field)).ToDictionary(pair => pair.name, pair => pair.Field);
}
