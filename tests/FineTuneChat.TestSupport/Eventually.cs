using System.Diagnostics;

namespace FineTuneChat.TestSupport;

/// <summary>Waits for a condition, not for a time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > (limit ?? Patience.Limit))
                throw new TimeoutException($"Still not true after {clock.Elapsed.TotalSeconds:0} s.");
            await Task.Delay(Pause);
        }
    }

    public static Task TrueAsync(Func<bool> condition, TimeSpan? limit = null) => TrueAsync(() => Task.FromResult(condition()), limit);
}
