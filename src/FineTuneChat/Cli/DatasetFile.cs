using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Gguf;
using FineTuneChat.Protocol;
using FineTuneChat.Templates;
using FineTuneChat.Training.Batches;

namespace FineTuneChat.Cli;

/// <summary>A dataset file and its conversations as encoded examples; what is not learned as it stands there is named on stderr.</summary>
internal sealed class DatasetFile
{
    private const int LongestServed = 8192;

    private readonly string _path;

    private DatasetFile(string path, IReadOnlyList<Conversation> conversations)
    {
        _path = path;
        Conversations = conversations;
    }

    public IReadOnlyList<Conversation> Conversations { get; }

    /// <exception cref="InvalidDataException">A row is bad, or there is none.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DatasetFile Load(string path) => new(path, ConversationReader.Load(path));

    /// <summary>The most tokens of an example for measuring a model: what it is served with.</summary>
    public static int ServedLength(GgufFile model) => (int)Math.Min(LongestServed, model.Metadata.Integer($"{model.Architecture}.context_length") ?? LongestServed);

    /// <exception cref="UserException">The template refuses a conversation, or nothing fits.</exception>
    public IReadOnlyList<EncodedExample> Encode(ConversationEncoder encoder, int longest, bool trainReasoning = false)
    {
        var examples = new List<EncodedExample>();
        for (int i = 0; i < Conversations.Count; i++)
            examples.AddRange(Encode(encoder, i, longest, trainReasoning));
        ListDuplicates();
        return examples.Count > 0 ? examples : throw new UserException($"{_path}: there is nothing to learn: see above why each conversation is left out.");
    }

    private EncodedExample[] Encode(ConversationEncoder encoder, int index, int longest, bool trainReasoning)
    {
        EncodedExample[] rows = Rows(encoder, Conversations[index], index, trainReasoning);
        int tokens = rows.Max(r => (int?)r.Ids.Length) ?? 0, removed = 0;
        for (Conversation? rest = Conversations[index]; rows.Any(r => r.Ids.Length > longest) && (rest = OldestTurn.Remove(rest!)) is not null; removed++)
            rows = Rows(encoder, rest, index, trainReasoning);

        if (rows.Any(r => r.Ids.Length > longest))
            Tell(index, $"is left out: its last turn alone has {rows.Max(r => r.Ids.Length)} tokens, more than {longest} (--seq-len)");
        else if (rows.Sum(r => r.Predictions) == 0)
            Tell(index, "is left out: it has no reply to learn");
        else if (removed > 0)
            Tell(index, $"has {tokens} tokens, more than {longest} (--seq-len): its first {(removed == 1 ? "turn is" : $"{removed} turns are")} left out");
        if (rows.Any(r => r.EmptyReplies > 0))
            Tell(index, "has a reply without text: all that is learned of it is to say nothing");
        return [.. rows.Where(r => r.Ids.Length <= longest && r.Predictions > 0)];
    }

    private EncodedExample[] Rows(ConversationEncoder encoder, Conversation conversation, int index, bool trainReasoning)
    {
        try
        {
            return [.. ExampleEncoder.Encode(encoder, conversation, trainReasoning)];
        }
        catch (TemplateException e)
        {
            throw new UserException($"{_path}: the model's chat template refuses conversation {index + 1}: {e.Message}", e);
        }
    }

    private void ListDuplicates()
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < Conversations.Count; i++)
        {
            string text = string.Join('\0', Conversations[i].Messages.Select(m => $"{m.Role.Name()}\0{m.Content}"));
            if (!first.TryAdd(text, i))
                Tell(i, $"says the same as conversation {first[text] + 1}; both are learned");
        }
    }

    private void Tell(int index, string what) => Console.Error.WriteLine($"{_path}: conversation {index + 1} {what}.");
}
