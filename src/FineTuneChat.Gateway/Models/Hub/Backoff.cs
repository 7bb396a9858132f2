namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>Pauses between attempts that failed: each twice as long as the one before, or as long as the server asks for.</summary>
/// <param name="First">The first pause.</param>
/// <param name="Attempts">After so many failures in a row it is given up.</param>
internal sealed record Backoff(TimeSpan First, int Attempts)
{
    private const double Growth = 2;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30), LongestAsked = TimeSpan.FromMinutes(10);

    public static Backoff Default { get; } = new(TimeSpan.FromSeconds(0.5), 8);

    /// <summary>The pause after a number of failures in a row; null: give up.</summary>
    public TimeSpan? After(int failures, TimeSpan? asked)
    {
        if (failures >= Attempts || asked > LongestAsked)
            return null;
        TimeSpan own = First * Math.Pow(Growth, Math.Min(failures - 1, 10));
        return asked ?? (own < Longest ? own : Longest);
    }
}
