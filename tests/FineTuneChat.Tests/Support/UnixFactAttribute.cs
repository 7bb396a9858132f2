namespace FineTuneChat.Tests.Support;

/// <summary>A test of what Windows does not have: file modes, signals, limits of a process.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "Windows has no file modes, signals or limits of a process.";
    }
}
