namespace FineTuneChat.Inference.Caching;

/// <summary>A sequence id of the model's cache, and what it holds.</summary>
/// <param name="id">The id.</param>
/// <param name="scope">The only scope that may share it.</param>
/// <param name="tokens">Tokens of the sequence; those that are computed never change.</param>
/// <param name="cells">The cells that it takes, or will take for the tokens that it has.</param>
internal sealed class CachedSequence(int id, string scope, int[] tokens, CellRange cells)
{
    public int Id => id;

    public string Scope => scope;

    public CellRange Cells => cells;

    /// <summary>Tokens from the start whose keys and values are in the cache.</summary>
    public int Computed { get; set; }

    public ReadOnlySpan<int> Tokens => tokens.AsSpan(0, Computed);
}
