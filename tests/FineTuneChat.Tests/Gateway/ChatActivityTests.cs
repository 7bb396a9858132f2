using FineTuneChat.Gateway.Serving;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
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
        await activity.CountAsync(new DefaultHttpContext(), _ => Task.CompletedTask); // no route that a model answers
        Assert.Equal(start, activity.IdleSince);

        await activity.CountAsync(Chat(), _ =>
        {
            Assert.Null(activity.IdleSince);
            time.Advance(TimeSpan.FromMinutes(1));
            return Task.CompletedTask;
        });
        Assert.Equal(start.AddMinutes(6), activity.IdleSince);
        await Assert.ThrowsAsync<InvalidOperationException>(() => activity.CountAsync(Chat(), _ => throw new InvalidOperationException()));
        Assert.NotNull(activity.IdleSince); // a failed request has ended, too
    }

    [Fact]
    public async Task Who_listens_hears_when_somebody_begins_to_chat_and_when_nobody_has_for_a_while()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var activity = new ChatActivity(time);
        await using IAsyncEnumerator<bool> busy = activity.BusyAsync(rest: TimeSpan.FromSeconds(2)).GetAsyncEnumerator();
        Assert.False(await NextAsync());
        await activity.CountAsync(Chat(), async _ =>
        {
            Assert.True(await NextAsync());
            await activity.CountAsync(Chat(), _ => Task.CompletedTask); // one more changes nothing
        });
        Task<bool> ended = NextAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        await activity.CountAsync(Chat(), _ => Task.CompletedTask); // the next question comes soon
        await Eventually.TrueAsync(() =>
        {
            Assert.False(ended.IsCompleted && time.GetUtcNow() < new DateTimeOffset(2026, 5, 1, 12, 0, 3, TimeSpan.Zero));
            time.Advance(TimeSpan.FromSeconds(0.5));
            return ended.IsCompleted;
        });
        Assert.False(await ended);

        async Task<bool> NextAsync() => await busy.MoveNextAsync() ? busy.Current : throw new InvalidOperationException("The end.");
    }

    /// <summary>The routes behind which a model works.</summary>
    [Fact]
    public async Task Chats_texts_and_vectors_count()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string[] counted =
        [
            .. gateway.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(r => r.Metadata.GetMetadata<ChatRule>() is not null).Select(r => r.RoutePattern.RawText!.TrimEnd('/')),
        ];
        string[] ofAllDialects =
        [
            "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages", "/api/chat", "/api/generate", "/api/embed",
            "/api/v0/chat/completions", "/completion",
        ];
        Assert.Empty(ofAllDialects.Except(counted));
        Assert.DoesNotContain(counted, path => path.EndsWith("/models", StringComparison.Ordinal) || path is "/health" or "/metrics" or "/api/tags");
    }

    private static DefaultHttpContext Chat()
    {
        var http = new DefaultHttpContext();
        http.SetEndpoint(new Endpoint(requestDelegate: null, new EndpointMetadataCollection(ChatRule.Instance), "chat"));
        return http;
    }
}
