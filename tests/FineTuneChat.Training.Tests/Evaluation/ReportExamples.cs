using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Training.Tests.Evaluation;

/// <summary>A format of nobody's but ours: notes of a workshop, and the record that its program wants of each. No pretraining has seen it.</summary>
internal static class ReportExamples
{
    private static readonly string[] Names = ["Ana", "Luis", "Marta", "Pedro", "Sofia", "Tom", "Vera", "Hugo"];
    private static readonly string[] Parts = ["door", "engine", "lamp", "mirror", "pump", "wheel"];
    private static readonly string[] Notes = ["{0} fixed the {1}, {2} euros.", "The {1} is done by {0} for {2} euros.", "{2} euros: {1}, {0}."];

    public static IReadOnlyList<Conversation> Make(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            string name = Pick(Names), part = Pick(Parts);
            int price = random.Next(10, 100);
            string note = string.Format(System.Globalization.CultureInfo.InvariantCulture, Pick(Notes), name, part, price);
            string record = $$"""{"what": "{{part}}", "by": "{{name}}", "eur": {{price}}}""";
            return new Conversation([new ChatMessage(ChatRole.User, $"Record: {note}"), new ChatMessage(ChatRole.Assistant, record)]);
        })];

        string Pick(string[] choices) => choices[random.Next(choices.Length)];
    }
}
