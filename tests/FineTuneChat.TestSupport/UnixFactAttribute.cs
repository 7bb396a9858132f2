using Xunit;

namespace FineTuneChat.TestSupport;

/// <summary>A test of what Linux and macOS have and Windows has not, where it is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute(string has = "file modes, signals and limits of a process")
    {
        if (OperatingSystem.IsWindows())
            Skip = $"Does not run on Windows, for {has}.";
    }
}
