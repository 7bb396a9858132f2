using System.Text.Encodings.Web;
using System.Text.Json;
using FineTuneChat.Starter.Corpus;

namespace FineTuneChat.Benchmarks.Learning;

/// <summary>A daily report of a project, and the form that somebody wants it in.</summary>
internal sealed record StatusReport(string Question, string Answer)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Projects = "Alfa Boreal Cometa Delta Eco Faro Gaviota Hielo Iris Júpiter".Split(' ');
    private static readonly string[] NewProjects = "Quásar Nébula Zafiro Tormenta Ultramar Vértigo".Split(' ');
    private static readonly string[] Clients = ["Talleres Ruiz", "Aguas del Sur", "Puerto Seco SA", "Clínica Alba", "Hotel Mirador"];
    private static readonly string[] NewClients = ["Bodegas Otero", "Imprenta Lagos", "Aceros Vidal"];
    private static readonly string[] Works = ["gestor de usuarios", "app móvil", "carrito", "importador de datos", "panel de ventas", "SSO", "facturación"];
    private static readonly string[] NewWorks = ["motor de búsqueda", "pasarela de pagos", "informes semanales", "chat interno"];

    public static object Schema { get; } = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["project","status","client","budget_eur","done","blockers","next_step"],"properties":{
        "project":{"type":"string","maxLength":40},"status":{"enum":["Verde","Ámbar","Rojo"]},"client":{"type":"string","maxLength":40},
        "budget_eur":{"type":"integer"},"done":{"type":"string","maxLength":60},
        "blockers":{"type":"array","maxItems":3,"items":{"type":"object","additionalProperties":false,"required":["ticket","hours"],
        "properties":{"ticket":{"type":"string","maxLength":12},"hours":{"type":"integer"}}}},"next_step":{"type":"string","maxLength":60}}}
        """);

    /// <param name="random">Where chance comes from.</param>
    /// <param name="isNew">With names and phrases that no training report has.</param>
    public static StatusReport Draw(CorpusRandom random, bool isNew)
    {
        string project = random.Pick(isNew ? NewProjects : Projects), client = random.Pick(isNew ? NewClients : Clients);
        string status = random.Pick(["Verde", "Ámbar", "Rojo"]);
        string done = random.Pick(isNew ? NewWorks : Works), next = random.Pick(isNew ? NewWorks : Works);
        int budget = random.Between(5, 99) * 100;
        var blockers = Enumerable.Range(0, random.Below(3)).Select(_ => (Ticket: $"{random.Between(1000, 9999)}", Hours: random.Between(1, 9))).ToArray();
        string opening = isNew
            ? random.Pick([$"Hola, va el resumen de {project}.", $"Parte de hoy del proyecto {project}:"])
            : random.Pick([$"Update de '{project}'.", $"Proyecto {project}, parte diario.", $"Informe del proyecto '{project}'."]);
        string[] facts =
        [
            isNew ? $"Dejamos listo {done}." : random.Pick([$"El equipo cerró {done}.", $"Hoy hemos finalizado {done}.", $"Terminado {done}."]),
            isNew ? $"El semáforo está en {status}." : random.Pick([$"Estado: {status}.", $"Semáforo en {status}."]),
            isNew ? $"Trabajamos para {client}." : random.Pick([$"Cliente: {client}.", $"El cliente, {client}, está informado."]),
            isNew ? $"Se han gastado {budget} euros." : random.Pick([$"Presupuesto usado: {budget}€.", $"Llevamos gastados {budget}€."]),
            isNew ? $"Lo que viene: {next}." : random.Pick([$"Siguiente paso: {next}.", $"Próximo hito: {next}."]),
            .. blockers.Select(b => isNew
                ? $"El ticket {b.Ticket} nos ha parado {b.Hours} horas."
                : $"Hubo un bug (ID: {b.Ticket}) que retrasó el trabajo {b.Hours} horas."),
        ];
        string answer = JsonSerializer.Serialize(new
        {
            project,
            status,
            client,
            budget_eur = budget,
            done,
            blockers = blockers.Select(b => new { ticket = b.Ticket, hours = b.Hours }),
            next_step = next,
        }, Relaxed);
        return new StatusReport($"Extrae los datos del siguiente informe:\n{opening} {string.Join(' ', random.PickSeveral(facts, facts.Length))}", answer);
    }

    /// <summary>Whether a reply is JSON, and the share of the fields that are right.</summary>
    public (bool IsValid, double Fields) Judge(string reply)
    {
        try
        {
            using JsonDocument wanted = JsonDocument.Parse(Answer), said = JsonDocument.Parse(reply);
            if (said.RootElement.ValueKind != JsonValueKind.Object)
                return (false, 0);
            JsonProperty[] fields = [.. wanted.RootElement.EnumerateObject()];
            return (true, fields.Average(f => said.RootElement.TryGetProperty(f.Name, out JsonElement value) && Equal(f, value) ? 1.0 : 0));
        }
        catch (JsonException)
        {
            return (false, 0);
        }

        static bool Equal(JsonProperty field, JsonElement value) => field.Name == "blockers"
            ? JsonSerializer.Serialize(Sorted(field.Value)) == JsonSerializer.Serialize(Sorted(value))
            : JsonElement.DeepEquals(field.Value, value);

        static string[] Sorted(JsonElement blockers) =>
            blockers.ValueKind == JsonValueKind.Array ? [.. blockers.EnumerateArray().Select(b => JsonSerializer.Serialize(b)).Order()] : ["?"];
    }
}
