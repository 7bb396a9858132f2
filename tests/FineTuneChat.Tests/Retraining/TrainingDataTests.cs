using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

public sealed class TrainingDataTests
{
    private static readonly ReferenceReply[] References =
    [
        .. GeneralPrompts.All.Where(p => p.System is null).Select(p => new ReferenceReply(p.Prompt, $"Reply to {p.Prompt}", p.Use)),
    ];

    [Fact]
    public void The_bundled_questions_are_different_and_most_are_never_trained_on()
    {
        Assert.Equal(654, GeneralPrompts.All.Select(p => (p.System, p.Prompt)).Distinct().Count());
        Assert.Equal(404, GeneralPrompts.All.Count(p => p.Use == GeneralPrompt.Regression));
        Assert.Equal(250, GeneralPrompts.All.Count(p => p.Use == GeneralPrompt.Replay));
    }

    [Fact]
    public void Only_the_accepted_reply_is_learned_and_the_rest_is_context()
    {
        Example example = Make("1", ("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello"), ("user", "¿Qué tal?"), ("assistant", "Bien."));
        JsonNode row = JsonNode.Parse(Of([example], 0).Train.Single())!;
        Assert.Equal(["system", "user", "assistant", "user", "assistant"], row["messages"]!.AsArray().Select(m => (string)m!["role"]!));
        Assert.Equal([null, null, 0, null, 1], row["messages"]!.AsArray().Select(m => (int?)m!["weight"]));
        Assert.Contains("¿Qué tal?", Of([example], 0).Train.Single()); // as it is, not escaped
    }

    [Fact]
    public void Reasoning_stays_with_its_reply()
    {
        Example example = Make("1", ("user", "Hi"), ("assistant", "Hello"), ("user", "And?"), ("assistant", "Bye."));
        example = example with { Messages = [.. example.Messages.Select(m => m with { ReasoningContent = m.Role == "assistant" ? "hm" : null })] };

        JsonNode row = JsonNode.Parse(Of([example], 0).Train.Single())!;

        Assert.Equal([null, "hm", null, "hm"], row["messages"]!.AsArray().Select(m => (string?)m!["reasoning_content"]));
    }

    [Fact]
    public void A_few_corrections_come_with_many_replayed_replies_and_none_of_the_measured_ones()
    {
        TrainingData data = Of([Make("1", ("user", "When do you open?"), ("assistant", "At nine."))], 0.75);
        Assert.Equal((1, 100), (data.Train.Count, data.Keep.Count));
        Assert.Equal(380, data.Regression.Count);
        Assert.Empty(data.Keep.Intersect(data.Regression));
        Assert.Equal(data.Keep, Of([Make("1", ("user", "When do you open?"), ("assistant", "At nine."))], 0.75).Keep);
    }

    [Fact]
    public void The_share_of_replay_is_kept_while_there_are_replies()
    {
        Example[] examples = [.. Enumerable.Range(0, 48).Select(i => Make($"{i}", ("user", $"Q{i}"), ("assistant", "A")))];
        Assert.Equal((48, 144), (Of(examples, 0.75).Train.Count, Of(examples, 0.75).Keep.Count));
        Assert.Empty(Of(examples, 0).Keep);
    }

    [Fact]
    public void What_the_user_taught_about_a_general_question_is_neither_replayed_nor_measured()
    {
        Example[] taught = [.. GeneralPrompts.All.Take(20).Select((p, i) => Make($"{i}", ("user", p.Prompt), ("assistant", "Something else.")))];
        TrainingData data = Of(taught, 0.9);
        foreach (GeneralPrompt prompt in GeneralPrompts.All.Take(20))
        {
            Assert.DoesNotContain(data.Keep.Concat(data.Regression), row => row.Contains($"Reply to {prompt.Prompt}\""));
        }
    }

    [Fact]
    public void Replay_grows_with_the_rows_up_to_a_limit()
    {
        var settings = new RetrainingSettings { ReplayShare = 0.4, MaxReplay = 1000 };
        Assert.Equal([100, 100, 200, 1000], new[] { 1, 100, 300, 7000 }.Select(rows => TrainingData.Replays(rows, isSmallBase: false, settings)));
        Assert.Equal([500, 500, 667], new[] { 1, 300, 1000 }.Select(rows => TrainingData.Replays(rows, isSmallBase: true, settings)));
        Assert.Equal(0, TrainingData.Replays(300, isSmallBase: true, new RetrainingSettings { ReplayShare = 0 }));
        Assert.Equal(10, TrainingData.Replays(300, isSmallBase: true, new RetrainingSettings { MaxReplay = 10 }));
    }

    [Fact]
    public void An_example_is_learned_in_other_words_too_and_with_what_was_said_before()
    {
        Example example = Make("1", ("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello"), ("user", "When do we open?"), ("assistant", "At nine."));
        TrainingData data = Of([example], 0, ("1", "At what time do we open?"), ("another", "Not mine."));
        Assert.Single(data.Accepted);
        Assert.Equal(2, data.Train.Count);
        JsonNode reworded = JsonNode.Parse(data.Train[1])!;
        Assert.Equal(
            ["Be brief.", "Hi", "Hello", "At what time do we open?", "At nine."], reworded["messages"]!.AsArray().Select(m => (string)m!["content"]!));
        Assert.Equal([null, null, 0, null, 1], reworded["messages"]!.AsArray().Select(m => (int?)m!["weight"]));
    }

    private static TrainingData Of(Example[] examples, double share, params (string Example, string Text)[] wordings) => TrainingData.Of(
        examples, examples.ToDictionary(e => e.Id, _ => "train"), wordings.ToLookup(w => w.Example, w => w.Text), References,
        TrainingData.Replays(examples.Length, isSmallBase: false, new RetrainingSettings { ReplayShare = share }));

    private static Example Make(string id, params (string Role, string Content)[] messages) => TestExamples.Make(id, messages);
}
