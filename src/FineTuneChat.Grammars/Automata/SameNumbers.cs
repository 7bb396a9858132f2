using System.Runtime.InteropServices;

namespace FineTuneChat.Grammars.Automata;

/// <summary>Lists of numbers are the same when their numbers are.</summary>
internal sealed class SameNumbers : IEqualityComparer<int[]>
{
    public static readonly SameNumbers Comparer = new();

    public bool Equals(int[]? one, int[]? other) => one.AsSpan().SequenceEqual(other);

    public int GetHashCode(int[] numbers)
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(numbers.AsSpan()));
        return hash.ToHashCode();
    }
}
