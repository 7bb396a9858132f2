using System.Diagnostics;

namespace FineTuneChat.TestSupport;

/// <summary>Waits for a condition, not for a time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(20), Most = TimeSpan.FromMilliseconds(500);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > (limit ?? Patience.Limit))
                throw new TimeoutException($"Still not true after {clock.Elapsed.TotalSeconds:0} s.");
            await Task.Delay(Pause(clock.Elapsed));
        }
    }

    public static Task TrueAsync(Func<bool> condition, TimeSpan? limit = null) => TrueAsync(() => Task.FromResult(condition()), limit);

    /// <summary>Who has waited long asks more rarely: a run of minutes is not slowed down by those who watch it.</summary>
    private static TimeSpan Pause(TimeSpan waited) => waited / 20 is var share && share < Least ? Least : share > Most ? Most : share;
}
