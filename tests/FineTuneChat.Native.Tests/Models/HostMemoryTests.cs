using FineTuneChat.Gguf.Models;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Models;

/// <summary>Memory as Linux tells it, from files that look like its own.</summary>
public sealed class HostMemoryTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public HostMemoryTests()
    {
        Write("proc/meminfo", "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    8000 kB\n");
        Write("proc/self/cgroup", "0::/user/app\n");
    }

    [Fact]
    public void Without_limits_it_is_what_the_machine_has() => Assert.Equal(8000 * 1024, Available);

    [Fact]
    public void The_tightest_group_above_the_process_counts_and_its_page_cache_gives_way()
    {
        Write("sys/fs/cgroup/user/app/memory.max", "max\n");
        Write("sys/fs/cgroup/user/app/memory.current", "4000000\n");
        Write("sys/fs/cgroup/user/memory.max", "5000000\n");
        Write("sys/fs/cgroup/user/memory.current", "4500000\n");
        Write("sys/fs/cgroup/user/memory.stat", "anon 1\ninactive_file 1000000\nactive_file 5\n");

        Assert.Equal(1_500_000, Available);
    }

    [Fact]
    public void A_containers_limit_of_the_first_version_counts()
    {
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "3000000\n");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000000\n");

        Assert.Equal(2_000_000, Available);
    }

    [Fact]
    public void Of_this_machine_it_is_something() => Assert.InRange(new HostMemory().AvailableBytes(), 1 << 20, long.MaxValue - 1);

    private long Available => new HostMemory(_root.Path).AvailableBytes();

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root[file])!);
        File.WriteAllText(_root[file], text);
    }

    public void Dispose() => _root.Dispose();
}
