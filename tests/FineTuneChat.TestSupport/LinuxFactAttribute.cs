using Xunit;

namespace FineTuneChat.TestSupport;

/// <summary>A test of what Linux alone has. Elsewhere it is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(string has) => Skip = Reason(has);

    internal static string? Reason(string has) => OperatingSystem.IsLinux() ? null : $"Runs on Linux only, for {has}.";
}

/// <summary><see cref="LinuxFactAttribute"/> with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute(string has) => Skip = LinuxFactAttribute.Reason(has);
}
