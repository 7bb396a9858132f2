namespace FineTuneChat.Training.Runs;

/// <summary>
/// Which examples each step sees: a new permutation in each epoch, a function of seed and step alone, so that a resumed run goes on where it was.
/// </summary>
internal sealed class DataOrder(int examples, int batchSize, int epochs, int seed)
{
    private readonly int _perEpoch = (examples + batchSize - 1) / batchSize;
    private int _epoch = -1;
    private int[] _permutation = [];

    public int Steps => _perEpoch * epochs;

    /// <summary>Passes over the examples.</summary>
    public int Epochs => epochs;

    /// <summary>Steps of one epoch.</summary>
    public int StepsPerEpoch => _perEpoch;

    /// <summary>Indices of a step's examples; the last batch of an epoch may be smaller.</summary>
    public ReadOnlySpan<int> Batch(int step)
    {
        int epoch = step / _perEpoch, batch = step % _perEpoch;
        if (epoch != _epoch)
        {
            _permutation = [.. Enumerable.Range(0, examples)];
            new Random(HashCode(seed, epoch)).Shuffle(_permutation);
            _epoch = epoch;
        }

        return _permutation.AsSpan(batch * batchSize, Math.Min(batchSize, examples - (batch * batchSize)));
    }

    /// <summary>Not System.HashCode, which differs from process to process.</summary>
    private static int HashCode(int seed, int epoch) => unchecked((seed * 1_000_003) ^ (epoch * 7919));
}
