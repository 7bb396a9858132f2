namespace FineTuneChat.TestSupport;

/// <summary>Size of long tests: <c>FTC_SCALE</c>, 1 by default (CI); larger runs the long form.</summary>
public static class Scale
{
    public static int Factor { get; } = int.TryParse(Environment.GetEnvironmentVariable("FTC_SCALE"), out int n) && n > 0 ? n : 1;
}
