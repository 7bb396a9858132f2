namespace FineTuneChat.Inference.Speculation;

/// <summary>
/// How often guesses are right, by what they go by. Every guess is judged by the token that comes, also where nothing was computed for it: so this costs
/// nothing, and is known before anything is risked.
/// </summary>
/// <param name="usual">That of all sequences: where this one begins, and which learns from it; null = it is that of all.</param>
internal sealed class Acceptance(Acceptance? usual = null)
{
    /// <summary>The kind of guesses by the text that the request predicts; those before it go by so many tokens that agree.</summary>
    public const int Predicted = 5;

    private const double OwnMemory = 0.1, UsualMemory = 0.01; // weight of the newest guess: the last ten, the last hundred
    private static readonly double[] First = [0.2, 0.4, 0.5, 0.7, 0.85, 0.9];

    private readonly double _memory = usual is null ? UsualMemory : OwnMemory;
    private readonly double[] _rates = [.. usual?._rates ?? First];

    /// <summary>The share of right guesses of a kind lately.</summary>
    public double this[int kind] => _rates[kind];

    /// <summary>The kind of a guess by prompt lookup.</summary>
    /// <param name="length">Tokens that agree, at least 1.</param>
    public static int KindOf(int length) => length switch { <= 3 => length - 1, < PromptLookup.Longest => 3, _ => 4 };

    public void Add(int kind, bool isRight)
    {
        _rates[kind] += ((isRight ? 1 : 0) - _rates[kind]) * _memory;
        usual?.Add(kind, isRight);
    }
}
