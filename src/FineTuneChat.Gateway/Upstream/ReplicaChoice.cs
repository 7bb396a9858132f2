using System.Security.Cryptography;
using System.Text;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>
/// Which replica is asked. The turns of a conversation go to the same one, which has their prefix in its cache, unless it has clearly more to do than another.
/// </summary>
internal static class ReplicaChoice
{
    /// <summary>So many requests more than the least busy one's are worth a prefix that need not be computed again.</summary>
    public const int Patience = 4;

    /// <param name="replicas">Those that could be asked.</param>
    /// <param name="conversation">The same for all turns of one.</param>
    /// <param name="name">A replica's name, the same at all times.</param>
    /// <param name="busy">How many requests it is answering.</param>
    /// <returns>Null: there is none.</returns>
    public static T? Of<T>(IReadOnlyCollection<T> replicas, string conversation, Func<T, string> name, Func<T, int> busy) where T : class
    {
        if (replicas.Count == 0)
            return null;
        T home = replicas.MaxBy(replica => Weight(conversation, name(replica)))!; // who comes or goes moves only its own conversations (rendezvous hashing)
        T idlest = replicas.MinBy(busy)!;
        return busy(home) - busy(idlest) <= Patience ? home : idlest;
    }

    private static ulong Weight(string conversation, string replica) =>
        BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes($"{conversation}\n{replica}")));
}
