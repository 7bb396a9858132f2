namespace FineTuneChat.Inference.Speculation;

/// <summary>
/// Prompt lookup: where the last tokens of a text stood before, what followed them there may well follow now. Replies that extract, rewrite or go on with a
/// list repeat much of their prompt.
/// </summary>
internal static class PromptLookup
{
    /// <summary>Tokens that are compared at most: where so many agree, something is being repeated.</summary>
    public const int Longest = 8;

    private const int MostPlaces = 128; // that are looked at: a comma stands everywhere

    /// <summary>Finds the place that agrees longest; of several, the last.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="last">The tokens that something follows, at least one.</param>
    /// <returns>The index after that place, and how many tokens agree; 0 = there is none.</returns>
    public static (int Next, int Length) Find(ReadOnlySpan<int> text, ReadOnlySpan<int> last)
    {
        (int Next, int Length) found = (0, 0);
        int at = text.Length;
        for (int places = 0; places < MostPlaces && found.Length < Longest; places++)
        {
            at = text[..at].LastIndexOf(last[^1]);
            if (at < 0)
                break;
            int length = 1;
            while (length < Longest && length < last.Length && length <= at && text[at - length] == last[^(length + 1)])
                length++;
            if (length > found.Length)
                found = (at + 1, length);
        }

        return found;
    }
}
