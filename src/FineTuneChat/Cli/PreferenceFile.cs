using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Protocol;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Objectives;

namespace FineTuneChat.Cli;

/// <summary>
/// Files of preferences as what a run makes smaller: pairs by DPO, replies with a label by KTO. Rows that cannot be learned are named on stderr, and left out.
/// </summary>
internal static class PreferenceFile
{
    /// <summary>The preferences of one method.</summary>
    /// <exception cref="InvalidDataException">A row is bad, or is no preference.</exception>
    /// <exception cref="UserException">A row is of the other method, the template refuses a conversation, or nothing is left.</exception>
    public static Objective Load(
        IReadOnlyList<string> paths, DatasetOptions? told, ConversationEncoder encoder, int longest, string method, PreferenceOptions options)
    {
        PreferenceRow[] rows = Read(paths, told);
        int other = rows.Count(row => row.Rejected is null == (method == "dpo"));
        if (other > 0)
            throw new UserException(
                $"{paths[0]}: {other} of {rows.Length} rows are of the other kind. "
                + "--method dpo learns pairs (chosen, rejected), --method kto replies with a label.");
        return Encode(rows, paths[0], encoder, longest, options) is [var only]
            ? only
            : throw new UserException($"{paths[0]}: there is nothing to learn: see above why each preference is left out.");
    }

    /// <summary>Preferences of any kind, each by its method; empty where nothing can be learned.</summary>
    /// <exception cref="InvalidDataException">A row is bad, or is no preference.</exception>
    /// <exception cref="UserException">The template refuses a conversation.</exception>
    public static IReadOnlyList<Objective> LoadAll(string path, ConversationEncoder encoder, int longest, PreferenceOptions options) =>
        Encode(Read([path], told: null), path, encoder, longest, options);

    private static PreferenceRow[] Read(IReadOnlyList<string> paths, DatasetOptions? told) =>
    [
        .. paths.SelectMany(path => DatasetFile.Told(path, report => ConversationReader.LoadPreferences(path, options: told, report: report))),
    ];

    private static IReadOnlyList<Objective> Encode(
        PreferenceRow[] rows, string path, ConversationEncoder encoder, int longest, PreferenceOptions options)
    {
        var pairs = new List<PreferencePair>();
        var rated = new List<RatedReply>();
        foreach ((int i, PreferenceRow row) in rows.Index())
        {
            bool isPair = row.Rejected is not null;
            TrainingExample? reply = Encode(row.Reply), rejected = isPair ? Encode(row.Rejected!) : null;
            string? problem =
                reply is null || (isPair && rejected is null) ? $"is left out: it does not fit {longest} tokens (--seq-len), or has no reply to learn"
                : isPair && reply.Tokens.SequenceEqual(rejected!.Tokens) ? "is left out: both replies are the same" : null;
            if (problem is not null)
                Console.Error.WriteLine($"{path}: preference {i + 1} {problem}.");
            else if (isPair)
                pairs.Add(new PreferencePair(reply!, rejected!));
            else
                rated.Add(new RatedReply(reply!, row.IsGood));
        }
        Objective[] both = [new PairObjective(pairs, options), new RatedObjective(rated, options, longest)];
        return [.. both.Where(objective => objective.Rows > 0)];

        TrainingExample? Encode(Conversation conversation)
        {
            EncodedDataset encoded = EncodedDataset.Of([conversation], encoder, longest, "--seq-len");
            return encoded.Examples.Count == 1 ? encoded.Examples[0] : null;
        }
    }
}
