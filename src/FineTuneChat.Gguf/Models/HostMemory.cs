using System.Globalization;

namespace FineTuneChat.Gguf.Models;

/// <summary>
/// How much memory this process may still take: what the machine has free, and what its control groups leave. Pages of mapped files count as free: the
/// system drops them when memory is asked for.
/// </summary>
/// <param name="root">Where <c>proc</c> and <c>sys</c> lie; another folder in tests.</param>
public sealed class HostMemory(string root = "/")
{
    private const int Kilobyte = 1024;
    private const string Unlimited = "max";

    /// <summary>In bytes, as of now; never negative.</summary>
    public long AvailableBytes() => Math.Min(FreeOnMachine(), LeftByGroups());

    private long FreeOnMachine()
    {
        string? line = Lines("proc/meminfo").FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        if (line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, ..]
            && long.TryParse(number, CultureInfo.InvariantCulture, out long kilobytes))
            return kilobytes * Kilobyte;
        GCMemoryInfo memory = GC.GetGCMemoryInfo(); // Windows, macOS: what there is, less the load when the collector last looked
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    /// <summary>Of version 2: the tightest of the process's own group and those above it. Of version 1: the container's.</summary>
    private long LeftByGroups()
    {
        string? own = Lines("proc/self/cgroup").FirstOrDefault(l => l.StartsWith("0::/", StringComparison.Ordinal))?["0::/".Length..];
        long left = Left("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
        for (string? group = own ?? ""; group is not null; group = group.Length > 0 ? Path.GetDirectoryName(group) ?? "" : null)
            left = Math.Min(left, Left(Path.Combine("sys/fs/cgroup", group), "memory.max", "memory.current", "inactive_file"));
        return left;
    }

    /// <summary>The page cache counts as used, but gives way.</summary>
    private long Left(string group, string limitFile, string usageFile, string cacheEntry)
    {
        if (Number(group, limitFile) is not { } limit || Number(group, usageFile) is not { } usage)
            return long.MaxValue;
        string? cache = Lines(Path.Combine(group, "memory.stat"))
            .FirstOrDefault(l => l.StartsWith(cacheEntry + " ", StringComparison.Ordinal))?[(cacheEntry.Length + 1)..];
        long reclaimable = long.TryParse(cache, CultureInfo.InvariantCulture, out long bytes) ? bytes : 0;
        return Math.Max(0, limit - usage + reclaimable);
    }

    private long? Number(string group, string file) =>
        Lines(Path.Combine(group, file)).FirstOrDefault() is { } text and not Unlimited && long.TryParse(text, CultureInfo.InvariantCulture, out long number)
            ? number
            : null;

    private IEnumerable<string> Lines(string file)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
