using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets;
using FineTuneChat.Protocol;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Objectives;

namespace FineTuneChat.Cli;

/// <summary>Files of preferences as what a run makes smaller; rows that cannot be learned are named on stderr, and left out.</summary>
internal static class PreferenceFile
{
    /// <exception cref="InvalidDataException">A row is bad, or is no preference of the method.</exception>
    /// <exception cref="UserException">The template refuses a conversation, or nothing is left.</exception>
    public static Objective Load(
        IReadOnlyList<string> paths, DatasetOptions? told, ConversationEncoder encoder, int longest, string method, PreferenceOptions options)
    {
        PreferenceRow[] rows = [.. paths.SelectMany(path => DatasetFile.Told(
            path, report => ConversationReader.LoadPreferences(path, options: told, report: report)))];
        bool isPairs = method == "dpo";
        int other = rows.Count(row => row.Rejected is null == isPairs);
        if (other > 0)
            throw new UserException(
                $"{paths[0]}: {other} of {rows.Length} rows are of the other kind. "
                + "--method dpo learns pairs (chosen, rejected), --method kto replies with a label.");

        var pairs = new List<PreferencePair>();
        var rated = new List<RatedReply>();
        foreach ((int i, PreferenceRow row) in rows.Index())
        {
            TrainingExample? reply = Encode(row.Reply), rejected = row.Rejected is null ? null : Encode(row.Rejected);
            string? problem =
                reply is null || (isPairs && rejected is null) ? $"is left out: it does not fit {longest} tokens (--seq-len), or has no reply to learn"
                : isPairs && reply.Tokens.SequenceEqual(rejected!.Tokens) ? "is left out: both replies are the same" : null;
            if (problem is not null)
                Console.Error.WriteLine($"{paths[0]}: preference {i + 1} {problem}.");
            else if (isPairs)
                pairs.Add(new PreferencePair(reply!, rejected!));
            else
                rated.Add(new RatedReply(reply!, row.IsGood));
        }
        if (pairs.Count + rated.Count == 0)
            throw new UserException($"{paths[0]}: there is nothing to learn: see above why each preference is left out.");
        return isPairs ? new PairObjective(pairs, options) : new RatedObjective(rated, options, longest);

        TrainingExample? Encode(Conversation conversation)
        {
            EncodedDataset encoded = EncodedDataset.Of([conversation], encoder, longest, "--seq-len");
            return encoded.Examples.Count == 1 ? encoded.Examples[0] : null;
        }
    }
}
