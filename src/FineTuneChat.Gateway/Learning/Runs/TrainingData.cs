using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>The rows of a run, as the trainer reads them (OpenAI's fine-tuning format). Pure.</summary>
internal sealed record TrainingData
{
    /// <summary>At least so many replayed replies, be the corrections ever so few.</summary>
    private const int MinReplay = 100;

    public required IReadOnlyList<string> Train { get; init; }
    public required IReadOnlyList<string> HeldOut { get; init; }

    /// <summary>The accepted examples that are trained on, without the replay.</summary>
    public required IReadOnlyList<string> Accepted { get; init; }
    public required IReadOnlyList<string> Regression { get; init; }

    public static TrainingData Of(
        IReadOnlyCollection<Example> examples, IReadOnlyDictionary<string, string> sides, IReadOnlyList<ReferenceReply> references, double replayShare)
    {
        // What the user taught about a general question replaces what the base said to it.
        HashSet<string> taught = [.. examples.Where(e => e.Messages.Count == 2).Select(e => (e.Messages[0].Content ?? "").Trim())];
        ReferenceReply[] untouched = [.. references.Where(r => !taught.Contains(r.Prompt))];

        string[] accepted = [.. examples.Where(e => sides[e.Id] == SplitRules.Train).Select(Row)];
        int wanted = replayShare == 0 ? 0 : Math.Max(MinReplay, (int)Math.Ceiling(accepted.Length * replayShare / (1 - replayShare)));
        IEnumerable<string> replay = untouched.Where(r => r.Use == GeneralPrompt.Replay).OrderBy(r => SplitRules.Fraction(r.Prompt)).Take(wanted).Select(Row);
        return new()
        {
            Train = [.. accepted, .. replay],
            Accepted = accepted,
            HeldOut = [.. examples.Where(e => sides[e.Id] == SplitRules.HeldOut).Select(Row)],
            Regression = [.. untouched.Where(r => r.Use == GeneralPrompt.Regression).Select(Row)],
        };
    }

    private static string Row(Example example) => ExampleRow.Of(example.Messages, example.Tools);

    private static string Row(ReferenceReply reply) => ExampleRow.Of(
        [new RequestMessage { Role = "user", Content = reply.Prompt }, new RequestMessage { Role = "assistant", Content = reply.Reply }], tools: null);
}
