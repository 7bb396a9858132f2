using System.Text.Json;
using FineTuneChat.Gateway.Learning.Versions;

namespace FineTuneChat.Tests.Versions;

public sealed class RetentionTests
{
    [Fact]
    public void Within_the_limits_all_stay() => Assert.Empty(Surplus(active: 3, previous: 2, maxCount: 3, maxBytes: 30));

    [Fact]
    public void The_oldest_go_first() => Assert.Equal([1, 2], Surplus(active: 5, previous: 4, maxCount: 3, maxBytes: 1000, count: 5));

    [Fact]
    public void The_size_counts_too() => Assert.Equal([1, 2, 3], Surplus(active: 5, previous: 4, maxCount: 100, maxBytes: 25, count: 5));

    [Fact]
    public void The_one_in_service_and_the_one_before_it_always_stay() =>
        Assert.Equal([2, 4, 5], Surplus(active: 1, previous: 3, maxCount: 1, maxBytes: 1, count: 5));

    [Fact]
    public void The_base_is_never_deleted() => Assert.DoesNotContain(0, Surplus(active: 2, previous: 1, maxCount: 1, maxBytes: 1));

    [Fact]
    public void Refused_ones_go_first() => Assert.Equal([3, 1, 2], Surplus(active: 5, previous: 4, maxCount: 2, maxBytes: 1000, count: 5, refused: [3]));

    [Fact]
    public void The_newest_stays_to_be_tried_when_it_was_refused_but_not_if_a_person_uses_older_refused_ones() =>
        Assert.Equal([3, 1, 2], Surplus(active: 4, previous: null, maxCount: 1, maxBytes: 1000, count: 5, refused: [3, 4, 5]));

    private static IEnumerable<int> Surplus(int active, int? previous, int maxCount, double maxBytes, int count = 3, int[]? refused = null) =>
        Retention.Surplus(
            Enumerable.Range(0, count + 1).Select(n =>
                Make(n, n == active) with { Status = refused?.Contains(n) == true ? VersionStatus.Refused : VersionStatus.Accepted }),
            previous, maxCount, maxBytes).Select(v => v.Number);

    internal static ModelVersion Make(int number, bool active = false, string? run = null) => new()
    {
        Number = number,
        Active = active,
        CreatedAt = 0,
        Base = "random",
        BaseSha256 = "",
        RunId = run,
        File = $"versions/{number}/model-Q8_0.gguf",
        Adapter = null,
        Type = "Q8_0",
        Bytes = 10,
        Figures = JsonElement.Parse("{}"),
    };
}
