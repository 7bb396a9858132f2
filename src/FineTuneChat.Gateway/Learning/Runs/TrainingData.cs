using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>The rows of a run, as the trainer reads them (OpenAI's fine-tuning format). Pure.</summary>
internal sealed record TrainingData
{
    /// <summary>
    /// At least so many replayed replies, be the corrections ever so few. A small base has less room: what it learns touches more of what it can.
    /// </summary>
    private const int MinReplay = 100, MinReplayOfSmall = 500;

    /// <summary>What is accepted, in its own words and in others.</summary>
    public required IReadOnlyList<string> Train { get; init; }

    /// <summary>What the base says to general questions, where it is to stay as it is.</summary>
    public required IReadOnlyList<string> Keep { get; init; }
    public required IReadOnlyList<string> HeldOut { get; init; }

    /// <summary>What no decision looks at.</summary>
    public required IReadOnlyList<string> Test { get; init; }

    /// <summary>The accepted examples that are trained on, without other wordings and the replay.</summary>
    public required IReadOnlyList<string> Accepted { get; init; }
    public required IReadOnlyList<string> Regression { get; init; }

    /// <summary>How many replies of the base a dataset of so many rows repeats.</summary>
    public static int Replays(int rows, bool isSmallBase, RetrainingSettings settings) => settings.ReplayShare == 0
        ? 0
        : Math.Clamp(
            (int)Math.Ceiling(rows * settings.ReplayShare / (1 - settings.ReplayShare)),
            Math.Min(isSmallBase ? MinReplayOfSmall : MinReplay, settings.MaxReplay), settings.MaxReplay);

    /// <param name="examples">What is accepted.</param>
    /// <param name="sides">Train or held out, by example.</param>
    /// <param name="wordings">By example: in which other words it is asked.</param>
    /// <param name="references">What the base says to general questions.</param>
    /// <param name="replays">How many of these are trained on.</param>
    public static TrainingData Of(
        IReadOnlyCollection<Example> examples, IReadOnlyDictionary<string, string> sides, ILookup<string, string> wordings,
        IReadOnlyList<ReferenceReply> references, int replays)
    {
        // What the user taught about a general question replaces what the base said to it.
        HashSet<string> taught = [.. examples.Where(e => e.Messages.Count == 2).Select(e => (e.Messages[0].Content ?? "").Trim())];
        ReferenceReply[] untouched = [.. references.Where(r => r.System is not null || !taught.Contains(r.Prompt))];

        Example[] trained = [.. examples.Where(e => sides[e.Id] == SplitRules.Train)];
        string[] accepted = [.. trained.Select(Row)];
        IEnumerable<string> reworded = trained.SelectMany(e => wordings[e.Id].Select(text => ExampleRow.Of(RewordingRules.Reworded(e, text), e.Tools)));
        IEnumerable<string> replay = untouched.Where(r => r.Use == GeneralPrompt.Replay).OrderBy(r => SplitRules.Fraction(r.Prompt)).Take(replays).Select(Row);
        return new()
        {
            Train = [.. accepted, .. reworded],
            Keep = [.. replay],
            Accepted = accepted,
            HeldOut = [.. examples.Where(e => sides[e.Id] == SplitRules.HeldOut).Select(Row)],
            Test = [.. examples.Where(e => sides[e.Id] == SplitRules.Test).Select(Row)],
            Regression = [.. untouched.Where(r => r.Use == GeneralPrompt.Regression).Select(Row)],
        };
    }

    private static string Row(Example example) => ExampleRow.Of(example.Messages, example.Tools);

    private static string Row(ReferenceReply reply)
    {
        RequestMessage[] exchange = [new() { Role = "user", Content = reply.Prompt }, new() { Role = "assistant", Content = reply.Reply }];
        return ExampleRow.Of(reply.System is null ? exchange : [new() { Role = "system", Content = reply.System }, .. exchange], tools: null);
    }
}
