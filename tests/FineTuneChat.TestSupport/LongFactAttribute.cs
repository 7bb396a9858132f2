using Xunit;

namespace FineTuneChat.TestSupport;

/// <summary>A test that has no small form: at a smaller <see cref="Scale"/> it is skipped and says how it is run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute(int scale) => Skip = Scale.Factor < scale ? $"Runs in the long form only: FTC_SCALE={scale}." : null;
}
