using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Gguf;
using FineTuneChat.Protocol;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Cli;

/// <summary>A dataset file of a verb: what is not used as it stands there is named on stderr.</summary>
internal sealed class DatasetFile
{
    private readonly string _path;

    private DatasetFile(string path, IReadOnlyList<Conversation> conversations)
    {
        _path = path;
        Conversations = conversations;
    }

    public IReadOnlyList<Conversation> Conversations { get; }

    /// <exception cref="InvalidDataException">A row is bad, or there is none.</exception>
    /// <exception cref="DatasetQuestionException">Its user must say something about it first.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DatasetFile Load(string path, DatasetOptions? options = null) =>
        new(path, Told(path, report => ConversationReader.Load(path, options: options, report: report)));

    /// <summary>What a reader makes of a file; what it reports is told, also where it fails.</summary>
    public static T Told<T>(string path, Func<DatasetReport, T> read)
    {
        var report = new DatasetReport();
        try
        {
            return read(report);
        }
        finally
        {
            DatasetOptionSet.Tell(path, report, quotes: false);
        }
    }

    /// <summary>Files of one dataset, as one.</summary>
    public static DatasetFile Load(IReadOnlyList<string> paths, DatasetOptions? options = null) =>
        paths is [var only] ? Load(only, options) : new(Path.GetDirectoryName(paths[0])!, [.. paths.SelectMany(path => Load(path, options).Conversations)]);

    /// <summary>As rows to train on.</summary>
    /// <exception cref="UserException">The template refuses a conversation, or nothing fits.</exception>
    public IReadOnlyList<TrainingExample> ForTraining(ConversationEncoder encoder, int longest, bool trainReasoning) =>
        Encode(encoder, longest, "--seq-len", trainReasoning).Examples;

    /// <summary>As what a run must learn.</summary>
    /// <exception cref="UserException">The template refuses a conversation, or nothing fits.</exception>
    public IReadOnlyList<Lesson> AsLessons(ConversationEncoder encoder, int longest, bool trainReasoning)
    {
        EncodedDataset encoded = Encode(encoder, longest, "--seq-len", trainReasoning);
        return [.. encoded.Examples.Zip(encoded.Conversations, (example, place) => new Lesson(example, ReplyJudge.MeasureOf(Conversations[place])))];
    }

    /// <summary>As rows to measure a model with.</summary>
    /// <exception cref="UserException">The template refuses a conversation, or nothing fits.</exception>
    public EncodedDataset ForMeasuring(ConversationEncoder encoder, GgufFile model) =>
        Encode(encoder, EncodedDataset.LongestServed(model), "what the model is measured with", trainReasoning: false);

    private EncodedDataset Encode(ConversationEncoder encoder, int longest, string limit, bool trainReasoning)
    {
        EncodedDataset encoded;
        try
        {
            encoded = EncodedDataset.Of(Conversations, encoder, longest, limit, trainReasoning);
        }
        catch (InvalidDataException e)
        {
            throw new UserException($"{_path}: {e.Message}", e);
        }

        foreach (DatasetFinding finding in encoded.Findings)
            Console.Error.WriteLine($"{_path}: conversation {finding.Conversation} {finding.Text}.");
        return encoded.Examples.Count > 0
            ? encoded
            : throw new UserException($"{_path}: there is nothing to learn: see above why each conversation is left out.");
    }
}
