using System.Text;
using FineTuneChat.Gateway.Serving;

namespace FineTuneChat.Tests.Retrieval;

/// <summary>The event with a reply's sources comes behind the first one, wherever the network cuts the stream.</summary>
public sealed class SourceEventTests
{
    private const string First = ": working\n\ndata: {\"id\":\"chatcmpl-1\",\"choices\":[]}\n\n", Rest = "data: {\"id\":\"chatcmpl-1\"}\n\ndata: [DONE]\n\n";
    private static readonly Retrieved Nothing = new([], "");

    [Fact]
    public void It_stands_behind_the_first_event_at_every_cut()
    {
        byte[] stream = Encoding.UTF8.GetBytes(First + Rest);
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            string passed = Pass(Nothing, stream[..cut], stream[cut..]);
            Assert.StartsWith(First + "data: {", passed);
            Assert.EndsWith(Rest, passed);
            Assert.Contains("\"sources\":[]", passed[First.Length..^Rest.Length]);
        }
    }

    [Fact]
    public void A_stream_that_ends_before_its_first_event_is_passed_on() =>
        Assert.Equal("data: {\"id", Pass(Nothing, "data: "u8.ToArray(), "{\"id"u8.ToArray()));

    [Fact]
    public void An_error_is_passed_on_as_it_is() =>
        Assert.Equal("data: {\"error\":{}}\n\n", Pass(Nothing, "data: {\"error\":{}}\n\n"u8.ToArray()));

    [Fact]
    public void Without_documents_nothing_is_held_back() => Assert.Equal("da", Pass(Retrieved.Nothing, "da"u8.ToArray()));

    [Fact]
    public void Text_of_documents_goes_before_the_question_and_nowhere_else()
    {
        byte[] body = """{"vector_store_ids":["vs_1"],"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"""u8.ToArray();
        Assert.Equal(
            """{"messages":[{"role":"user","content":"a"},{"role":"user","content":"PASSAGES b"}]}""",
            Encoding.UTF8.GetString(new Retrieved([], "PASSAGES ").PutInto(body)));
    }

    private static string Pass(Retrieved retrieved, params byte[][] parts)
    {
        var sources = new SourceEvent(retrieved);
        var passed = new MemoryStream();
        foreach (byte[] part in parts)
            passed.Write(sources.Pass(part).Span);
        passed.Write(sources.Rest().Span);
        return Encoding.UTF8.GetString(passed.ToArray());
    }
}
