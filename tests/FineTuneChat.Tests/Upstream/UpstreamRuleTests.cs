using FineTuneChat.Gateway.Upstream;
using FineTuneChat.Protocol;

namespace FineTuneChat.Tests.Upstream;

/// <summary>Rules of serving elsewhere that need no server.</summary>
public sealed class UpstreamRuleTests
{
    [Fact]
    public void Turns_of_a_conversation_go_to_one_replica_conversations_to_all_and_only_those_of_a_lost_one_move()
    {
        string[] replicas = ["a", "b", "c"];
        string[] conversations = [.. Enumerable.Range(0, 300).Select(i => $"conversation {i}")];
        Dictionary<string, string> before = conversations.ToDictionary(c => c, c => Choose(replicas, c));
        Assert.All(replicas, replica => Assert.InRange(before.Values.Count(r => r == replica), 60, 140));
        Assert.All(conversations, c => Assert.Equal(before[c], Choose([.. replicas.Reverse()], c)));
        Assert.All(conversations.Where(c => before[c] != "b"), c => Assert.Equal(before[c], Choose(["a", "c"], c)));

        static string Choose(string[] replicas, string conversation) => ReplicaChoice.Of(replicas, conversation, r => r, _ => 0)!;
    }

    [Fact]
    public void One_that_has_clearly_more_to_do_is_spared()
    {
        string home = ReplicaChoice.Of(["a", "b"], "x", r => r, _ => 0)!, other = home == "a" ? "b" : "a";
        Assert.Equal(home, ReplicaChoice.Of(["a", "b"], "x", r => r, r => r == home ? ReplicaChoice.Patience : 0));
        Assert.Equal(other, ReplicaChoice.Of(["a", "b"], "x", r => r, r => r == home ? ReplicaChoice.Patience + 1 : 0));
        Assert.Null(ReplicaChoice.Of<string>([], "x", r => r, _ => 0));
    }

    [Theory]
    [InlineData("Qwen/Qwen2.5-0.5B-Instruct", "Qwen/Qwen2.5-0.5B-Instruct", true)]
    [InlineData("Qwen/Qwen2.5-0.5B-Instruct", "/models/qwen2.5-0.5b-instruct/", true)]
    [InlineData("qwen2.5-0.5b-instruct-q4_k_m", "Qwen/Qwen2.5-0.5B-Instruct", true)]
    [InlineData("Qwen2.5-0.5B-Instruct.Q8_0.gguf", "Qwen/Qwen2.5-0.5B-Instruct-AWQ", true)]
    [InlineData("Qwen/Qwen2.5-0.5B-Instruct", "Qwen/Qwen2.5-1.5B-Instruct", false)]
    [InlineData("Qwen/Qwen2.5-0.5B-Instruct", "Qwen/Qwen2.5-0.5B", false)]
    [InlineData("starter", "Qwen/Qwen2.5-0.5B", false)]
    public void An_adapter_fits_the_base_that_it_was_trained_on_whatever_its_file_is_called(string trainedOn, string served, bool fits)
    {
        string? problem = BaseFit.Problem([trainedOn], ["alias", served]);
        Assert.Equal(fits, problem is null);
        Assert.True(fits || (problem!.Contains(trainedOn, StringComparison.Ordinal) && problem.Contains(served, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("http://a:8000", "http://a:8000/")]
    [InlineData("https://a/v1/", "https://a/")]
    [InlineData("https://a/openai/v1", "https://a/openai/")]
    public void An_address_is_taken_with_or_without_its_v1(string given, string expected) =>
        Assert.Equal([new Uri(expected)], new UpstreamSettings { Url = given, Urls = [given] }.Addresses());

    [Fact]
    public void What_is_no_address_stops_the_start() =>
        Assert.Contains(
            "ftp://x", Assert.Throws<UserException>(() => new UpstreamSettings { Urls = ["ftp://x"] }.Addresses()).Message, StringComparison.Ordinal);
}
