namespace FineTuneChat.TestSupport;

/// <summary>Size of long tests: <c>FTC_SCALE</c>, 1 by default (CI); larger runs the long form.</summary>
public static class Scale
{
    public static int Factor { get; } = Number("FTC_SCALE");

    /// <summary>Whether more is asked for than CI has time for.</summary>
    public static bool IsLong => Factor > 1;

    /// <summary>Where fuzz tests begin: <c>FTC_SEED</c>, 1 by default; another one tries other cases.</summary>
    public static int Seed { get; } = Number("FTC_SEED");

    private static int Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out int n) && n > 0 ? n : 1;
}
