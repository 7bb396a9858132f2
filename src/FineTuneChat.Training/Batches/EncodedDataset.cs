using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Gguf;
using FineTuneChat.Templates;

namespace FineTuneChat.Training.Batches;

/// <summary>Something about a conversation that its user should know: it is not learned as it stands in the file.</summary>
/// <param name="Conversation">Its place in the dataset, from 1.</param>
/// <param name="Text">A clause that goes on after "conversation N".</param>
public sealed record DatasetFinding(int Conversation, string Text);

/// <summary>A dataset as the rows to train on or to measure with. Every conversation that is left out, shortened or there twice is listed.</summary>
/// <param name="Examples">The rows; none where nothing can be learned.</param>
/// <param name="Findings">What is not learned as it stands in the file, in its order; then what is there twice.</param>
public sealed record EncodedDataset(IReadOnlyList<TrainingExample> Examples, IReadOnlyList<DatasetFinding> Findings)
{
    private const int MostServed = 8192;

    /// <summary>Of each row, the place of its conversation in the dataset, from 0.</summary>
    public IReadOnlyList<int> Conversations { get; init; } = [];

    /// <summary>The most tokens of an example to measure a model with: as many as it is served with, at most 8192.</summary>
    /// <param name="model">The model's header.</param>
    public static int LongestServed(GgufFile model) =>
        (int)Math.Min(MostServed, model.Metadata.Integer($"{model.Architecture}.context_length") ?? MostServed);

    /// <summary>Encodes conversations. One that is too long loses whole turns from its front.</summary>
    /// <param name="conversations">The dataset.</param>
    /// <param name="encoder">Template and tokeniser of the model.</param>
    /// <param name="longest">The most tokens of a row.</param>
    /// <param name="limit">What <paramref name="longest"/> is called where it is told of, such as an option of the command line.</param>
    /// <param name="trainReasoning">Whether the reasoning before a reply is learned too.</param>
    /// <exception cref="InvalidDataException">The chat template refuses a conversation.</exception>
    public static EncodedDataset Of(
        IReadOnlyList<Conversation> conversations, ConversationEncoder encoder, int longest, string limit, bool trainReasoning = false)
    {
        var examples = new List<TrainingExample>();
        var places = new List<int>();
        var findings = new List<DatasetFinding>();
        for (int i = 0; i < conversations.Count; i++)
        {
            int number = i + 1;
            IReadOnlyList<TrainingExample> Rows(Conversation conversation) => EncodedDataset.Rows(encoder, conversation, number, trainReasoning);
            void Tell(string text) => findings.Add(new DatasetFinding(number, text));
            examples.AddRange(Fitting(conversations[i], Rows, longest, $"{longest} ({limit})", Tell));
            places.AddRange(Enumerable.Repeat(i, examples.Count - places.Count));
        }

        return new EncodedDataset(examples, [.. findings, .. Duplicates(conversations)]) { Conversations = places };
    }

    private static IEnumerable<TrainingExample> Fitting(
        Conversation conversation, Func<Conversation, IReadOnlyList<TrainingExample>> encode, int longest, string limit, Action<string> tell)
    {
        // 1. Without its first turns, one after the other, until it fits.
        IReadOnlyList<TrainingExample> rows = encode(conversation);
        int tokens = Longest(rows), removed = 0;
        for (Conversation? rest = conversation; Longest(rows) > longest && (rest = OldestTurn.Remove(rest!)) is not null; removed++)
            rows = encode(rest);

        // 2. What is not learned as it stands there.
        if (Longest(rows) > longest)
            tell($"is left out: its last turn alone has {Longest(rows)} tokens, more than {limit}");
        else if (rows.Sum(r => r.TargetCount) == 0)
            tell("is left out: it has no reply to learn");
        else if (removed > 0)
            tell($"has {tokens} tokens, more than {limit}: its first {(removed == 1 ? "turn is" : $"{removed} turns are")} left out");
        if (rows.Any(r => r.EmptyTurns.Count > 0))
            tell("has a reply without text: all that is learned of it is to say nothing");
        return rows.Where(r => r.Tokens.Length <= longest && r.TargetCount > 0);
    }

    private static int Longest(IReadOnlyList<TrainingExample> rows) => rows.Max(r => (int?)r.Tokens.Length) ?? 0;

    private static IReadOnlyList<TrainingExample> Rows(ConversationEncoder encoder, Conversation conversation, int number, bool trainReasoning)
    {
        try
        {
            return encoder.EncodeConversation(conversation.Messages, conversation.Tools, trainReasoning);
        }
        catch (TemplateException e)
        {
            throw new InvalidDataException($"the model's chat template refuses conversation {number}: {e.Message}", e);
        }
    }

    private static IEnumerable<DatasetFinding> Duplicates(IReadOnlyList<Conversation> conversations)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (i, conversation) in conversations.Index())
        {
            string text = string.Join('\0', conversation.Messages.Select(m => $"{m.Role.Name()}\0{m.Content}"));
            if (!first.TryAdd(text, i))
                yield return new DatasetFinding(i + 1, $"says the same as conversation {first[text] + 1}; both are learned");
        }
    }
}
