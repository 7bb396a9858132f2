using System.Numerics.Tensors;
using FineTuneChat.Gateway.Documents.Stores;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>
/// The vectors of collections in memory, for exact search: each question is compared with all of them, 100,000 in some 20 ms. What came into the database
/// since is added at the next question; where something was taken out, all are read anew.
/// </summary>
internal sealed class VectorIndex(ChunkStore chunks)
{
    private const int MostStores = 32; // those asked last; at 100,000 passages one takes 150 MB

    private readonly Lock _making = new();
    private readonly Dictionary<string, Matrix> _matrices = new(StringComparer.Ordinal);
    private long _uses;

    /// <summary>The nearest passages of a collection with their cosines, the nearest first.</summary>
    /// <param name="store">The collection.</param>
    /// <param name="model">Whose vectors.</param>
    /// <param name="entries">Its files now.</param>
    /// <param name="asked">Those of them that are searched.</param>
    /// <param name="question">A vector of length 1.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<(long Id, float Cosine)> Nearest(
        string store, string model, IReadOnlySet<long> entries, IReadOnlySet<long> asked, ReadOnlySpan<float> question, int most)
    {
        Matrix matrix;
        lock (_making)
        {
            if (!_matrices.TryGetValue(store, out matrix!) || matrix.Model != model || !matrix.Entries.IsSubsetOf(entries))
                matrix = new Matrix(model, question.Length);
            matrix = _matrices[store] = matrix.With(chunks.Vectors(store, model, matrix.Last)); // old readers keep theirs
            matrix.LastUse = ++_uses;
            if (_matrices.Count > MostStores)
                _matrices.Remove(_matrices.MinBy(m => m.Value.LastUse).Key);
        }
        return matrix.Nearest(question, asked, most);
    }

    /// <summary>Rows of vectors; what is there never changes, new ones are put behind.</summary>
    private sealed class Matrix(string model, int dimensions)
    {
        private float[] _values = [];
        private List<(long Id, long Entry)> _rows = [];

        public string Model => model;
        public HashSet<long> Entries { get; private init; } = [];
        public long Last { get; private init; }
        public long LastUse { get; set; }

        public Matrix With(IReadOnlyList<StoredVector> added)
        {
            added = [.. added.Where(v => v.Dimensions == dimensions)];
            if (added.Count == 0)
                return this;
            float[] values = _values;
            int used = _rows.Count * dimensions, needed = used + (added.Count * dimensions);
            if (needed > values.Length)
                Array.Resize(ref values, Math.Max(needed, Math.Min(values.Length * 2, Array.MaxLength)));
            for (int i = 0; i < added.Count; i++)
                added[i].CopyTo(values.AsSpan(used + (i * dimensions), dimensions));
            return new(model, dimensions)
            {
                _values = values,
                _rows = [.. _rows, .. added.Select(v => (v.Id, v.Entry))],
                Entries = [.. Entries, .. added.Select(v => v.Entry)],
                Last = added[^1].Id,
            };
        }

        public IReadOnlyList<(long Id, float Cosine)> Nearest(ReadOnlySpan<float> question, IReadOnlySet<long> asked, int most)
        {
            bool areAll = Entries.IsSubsetOf(asked);
            var best = new PriorityQueue<long, float>(most + 1);
            for (int row = 0; row < _rows.Count; row++)
            {
                if (!areAll && !asked.Contains(_rows[row].Entry))
                    continue;
                float cosine = TensorPrimitives.Dot(question, _values.AsSpan(row * dimensions, dimensions));
                if (best.Count < most)
                    best.Enqueue(_rows[row].Id, cosine);
                else if (best.TryPeek(out _, out float least) && cosine > least)
                    best.DequeueEnqueue(_rows[row].Id, cosine);
            }
            return [.. best.UnorderedItems.OrderByDescending(b => b.Priority).Select(b => (b.Element, b.Priority))];
        }
    }
}
