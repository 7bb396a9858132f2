using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>Which examples are trained on and which are held out to measure: pure, and for ever.</summary>
internal static class SplitRules
{
    public const string Train = "train";
    public const string HeldOut = "held_out";

    /// <summary>
    /// The side of every example. Sides that were given stay. Below <paramref name="minimum"/> examples nothing new is held out: each one
    /// is needed. Above, a stable hash of the conversation sets <paramref name="share"/> of the conversations aside, whole; a conversation
    /// that was once trained on stays there.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Assign(IReadOnlyCollection<Example> examples, double share, int minimum)
    {
        Dictionary<string, string> sides = [];
        Dictionary<string, string> byConversation = [];
        foreach (Example example in examples.Where(e => e.Split is not null).OrderBy(e => e.Split, StringComparer.Ordinal)) // train last: it wins
        {
            sides[example.Id] = example.Split!;
            byConversation[Key(example)] = example.Split!;
        }
        foreach (Example example in examples.Where(e => e.Split is null))
            sides[example.Id] = byConversation.GetValueOrDefault(Key(example))
                ?? (examples.Count >= minimum && Fraction(Key(example)) < share ? HeldOut : Train);
        return sides;
    }

    private static string Key(Example example) => example.ConversationId ?? example.Origin ?? example.Id;

    /// <summary>The same number in [0, 1) for the same text, on every machine.</summary>
    internal static double Fraction(string text) =>
        BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) / 4294967296.0;
}
