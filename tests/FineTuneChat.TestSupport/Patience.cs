namespace FineTuneChat.TestSupport;

/// <summary>How long tests wait for what must come. Only what hangs takes so long: a machine that is busy with other things does not.</summary>
public static class Patience
{
    public const float LimitMs = 3 * 60_000;

    /// <summary>For what trains a model meanwhile.</summary>
    public const float RunLimitMs = 20 * 60_000;

    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(LimitMs);
    public static readonly TimeSpan RunLimit = TimeSpan.FromMilliseconds(RunLimitMs);
}
