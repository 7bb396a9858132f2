namespace FineTuneChat.Gguf.Conversion;

/// <summary>
/// Where a row of queries or keys lies in the GGUF file: Hugging Face rotates the halves of a head against each other; where llama.cpp rotates neighbours,
/// the halves are dealt out alternately.
/// </summary>
/// <param name="HeadRows">Rows of one head.</param>
public readonly record struct HeadPermutation(long HeadRows)
{
    /// <summary>The row in the GGUF file.</summary>
    /// <param name="row">The row at Hugging Face.</param>
    public long InGguf(long row)
    {
        long head = row / HeadRows, half = row % HeadRows / (HeadRows / 2), place = row % (HeadRows / 2);
        return (head * HeadRows) + (2 * place) + half;
    }
}
