using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Talks;

/// <summary>How a talk is folded: pure.</summary>
internal static class FoldingRules
{
    /// <summary>A smaller model's summaries cannot be relied on (docs/serving.md).</summary>
    public const long LeastParameters = 500_000_000;

    /// <summary>Drop or summary; null: it is not, and refused where it is too long.</summary>
    /// <param name="asked">By the request.</param>
    /// <param name="assistant">The assistant's default: counts where the request asks for none, or leaves it open.</param>
    /// <param name="setting">What is done where both leave it open.</param>
    /// <param name="parameters">Weights of the model.</param>
    public static string? WayOf(string? asked, string? assistant, string setting, long parameters)
    {
        string way = asked ?? assistant ?? Truncations.Disabled;
        if (way == Truncations.Auto && assistant is (Truncations.Drop or Truncations.Summary))
            way = assistant;
        if (way == Truncations.Auto)
            way = setting;
        if (way == Truncations.Auto)
            way = parameters >= LeastParameters ? Truncations.Summary : Truncations.Drop;
        return way == Truncations.Disabled ? null : way;
    }
}
