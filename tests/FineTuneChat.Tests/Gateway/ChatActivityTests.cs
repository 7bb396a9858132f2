using FineTuneChat.Gateway;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Http;

namespace FineTuneChat.Tests.Gateway;

public sealed class ChatActivityTests
{
    [Fact]
    public async Task Only_who_asks_a_model_for_something_counts_and_as_long_as_it_takes()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        DateTimeOffset start = time.GetUtcNow();
        var activity = new ChatActivity(time);
        time.Advance(TimeSpan.FromMinutes(5));
        foreach ((string method, string path) in new[] { ("GET", "/metrics"), ("GET", "/v1/models"), ("GET", "/health"), ("POST", "/api/feedback") })
            await activity.CountAsync(Request(method, path), _ => Task.CompletedTask);
        Assert.Equal(start, activity.IdleSince);

        await activity.CountAsync(Request("POST", "/v1/chat/completions"), _ =>
        {
            Assert.Null(activity.IdleSince);
            time.Advance(TimeSpan.FromMinutes(1));
            return Task.CompletedTask;
        });
        Assert.Equal(start.AddMinutes(6), activity.IdleSince);
        await Assert.ThrowsAsync<InvalidOperationException>(() => activity.CountAsync(Request("POST", "/v1/embeddings"), _ => throw new InvalidOperationException()));
        Assert.NotNull(activity.IdleSince); // a failed request has ended, too
    }

    [Fact]
    public async Task Who_listens_hears_when_somebody_begins_to_wait_for_a_reply_and_when_nobody_does_any_more()
    {
        var activity = new ChatActivity(TimeProvider.System);
        await using IAsyncEnumerator<bool> busy = activity.BusyAsync().GetAsyncEnumerator();
        Assert.False(await NextAsync());
        await activity.CountAsync(Request("POST", "/v1/chat/completions"), async _ =>
        {
            Assert.True(await NextAsync());
            await activity.CountAsync(Request("POST", "/v1/chat/completions"), _ => Task.CompletedTask); // one more changes nothing
        });
        Assert.False(await NextAsync());

        async Task<bool> NextAsync() => await busy.MoveNextAsync() ? busy.Current : throw new InvalidOperationException("The end.");
    }

    private static DefaultHttpContext Request(string method, string path) => new() { Request = { Method = method, Path = path } };
}
