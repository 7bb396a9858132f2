using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FineTuneChat.Datasets.Splits;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>
/// Which examples are trained on, which are held out for a run's decisions, and which are kept for a test that no decision looks at: pure, and for ever.
/// </summary>
internal static class SplitRules
{
    public const string Train = "train";
    public const string HeldOut = "held_out";
    public const string Test = "test";

    private const double LargestGroup = 0.2; // of the examples: a larger group of one template is no group but the whole set

    /// <summary>
    /// The side of every example. Sides that were given stay, and a conversation stays on one side. What somebody said to the assistant is always trained on:
    /// it is meant to be learned. Of imported rows whose replies follow from their questions (<see cref="Derivable"/>) some are set aside, by a stable hash,
    /// when there are at least <paramref name="minimum"/>: rows that differ in names and numbers only stay together, so that a phrase learned by heart is not
    /// taken for a skill.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Assign(IReadOnlyCollection<Example> examples, double heldOut, double test, int minimum)
    {
        Dictionary<string, string> sides = [];
        Dictionary<string, string> byConversation = [];
        foreach (Example example in examples.Where(e => e.Split is not null).OrderBy(e => e.Split, StringComparer.Ordinal)) // train last: it wins
        {
            sides[example.Id] = example.Split!;
            byConversation[Key(example)] = example.Split!;
        }

        Example[] derivable = [.. Derivable.Of([.. examples.Where(e => e.Origin is not null)])];
        Dictionary<string, string> mayBeSetAside = derivable.Length < minimum ? [] : derivable.GroupBy(SkeletonOf)
            .SelectMany(same => same.Select(e => (e.Id, Group: same.Count() <= LargestGroup * derivable.Length ? same.Key : Key(e))))
            .ToDictionary(e => e.Id, e => e.Group);
        foreach (Example example in examples.Where(e => e.Split is null))
            sides[example.Id] = byConversation.GetValueOrDefault(Key(example))
                ?? (mayBeSetAside.GetValueOrDefault(example.Id) is { } group ? Side(Fraction(group), heldOut, test) : Train);
        return sides;
    }

    internal static string SkeletonOf(Example example) => Skeleton.Of(example.Messages.LastOrDefault(m => m.Role == "user")?.Content ?? "");

    private static string Side(double fraction, double heldOut, double test) => fraction < heldOut ? HeldOut : fraction < heldOut + test ? Test : Train;

    private static string Key(Example example) => example.ConversationId ?? example.Origin ?? example.Id;

    /// <summary>The same number in [0, 1) for the same text, on every machine.</summary>
    internal static double Fraction(string text) => Hash(text) / 4294967296.0;

    /// <summary>Likewise a number of 32 bits.</summary>
    internal static uint Hash(string text) => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
