using FineTuneChat.Gateway;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace FineTuneChat.Tests.Gateway;

public sealed class ChatActivityTests
{
    [Fact]
    public async Task Only_who_asks_a_model_for_something_counts_and_as_long_as_it_takes()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
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
    public async Task Who_listens_hears_when_somebody_begins_to_chat_and_when_nobody_has_for_a_while()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var activity = new ChatActivity(time);
        await using IAsyncEnumerator<bool> busy = activity.BusyAsync(rest: TimeSpan.FromSeconds(2)).GetAsyncEnumerator();
        Assert.False(await NextAsync());
        await activity.CountAsync(Request("POST", "/v1/chat/completions"), async _ =>
        {
            Assert.True(await NextAsync());
            await activity.CountAsync(Request("POST", "/v1/chat/completions"), _ => Task.CompletedTask); // one more changes nothing
        });
        Task<bool> ended = NextAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        await activity.CountAsync(Request("POST", "/v1/chat/completions"), _ => Task.CompletedTask); // the next question comes soon
        await Eventually.TrueAsync(() =>
        {
            Assert.False(ended.IsCompleted && time.GetUtcNow() < new DateTimeOffset(2026, 5, 1, 12, 0, 3, TimeSpan.Zero));
            time.Advance(TimeSpan.FromSeconds(0.5));
            return ended.IsCompleted;
        });
        Assert.False(await ended);

        async Task<bool> NextAsync() => await busy.MoveNextAsync() ? busy.Current : throw new InvalidOperationException("The end.");
    }

    private static DefaultHttpContext Request(string method, string path) => new() { Request = { Method = method, Path = path } };
}
