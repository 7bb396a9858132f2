using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;

namespace FineTuneChat.Tests.Assistants;

/// <summary>What an assistant adds to a request: its prompt first, its defaults where the client says nothing.</summary>
public sealed class AssistantSettingsTests
{
    private static readonly AssistantSettings Shop = new() { Id = "shop", System = "You sell bread.", Request = """{"temperature":0.2,"max_tokens":50}""" };

    [Theory]
    [InlineData("""[{"role":"user","content":"Hi"}]""", """[{"role":"system","content":"You sell bread."},{"role":"user","content":"Hi"}]""")]
    [InlineData(
        """[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]""",
        """[{"role":"system","content":"You sell bread.\n\nBe brief."},{"role":"user","content":"Hi"}]""")]
    [InlineData(
        """[{"role":"developer","content":[{"type":"text","text":"Be brief."}]}]""",
        """[{"role":"developer","content":[{"type":"text","text":"You sell bread.\n\n"},{"type":"text","text":"Be brief."}]}]""")]
    [InlineData("""[{"role":"system","content":null}]""", """[{"role":"system","content":"You sell bread."}]""")]
    public void Its_prompt_stands_before_the_clients_own(string messages, string expected) => Assert.Equal(
        JsonNode.Parse(expected)!.ToJsonString(), Put(Shop, $$"""{"messages":{{messages}}}""")["messages"]!.ToJsonString());

    [Theory]
    [InlineData("{}", 0.2, 50)]
    [InlineData("""{"temperature":null}""", 0.2, 50)]
    [InlineData("""{"temperature":1}""", 1.0, 50)]
    [InlineData("""{"max_completion_tokens":9}""", 0.2, null)] // the other name of the same
    public void What_the_client_says_wins_over_the_defaults(string request, double temperature, int? limit)
    {
        JsonObject body = Put(Shop, request);
        Assert.Equal((temperature, limit), ((double)body["temperature"]!, (int?)body["max_tokens"]));
    }

    [Fact]
    public void One_without_prompt_and_defaults_leaves_a_request_as_it_is()
    {
        byte[] body = [1, 2, 3];
        Assert.Same(body, new AssistantSettings { Id = "assistant" }.PutInto(body));
    }

    [Fact]
    public void A_row_is_learned_under_the_prompt_that_it_is_asked_under()
    {
        const string Row = """{"messages":[{"role":"user","content":"Open?"},{"role":"assistant","content":"Yes.","weight":1}]}""";
        JsonArray messages = JsonNode.Parse(Shop.PutIntoRow(Row))!["messages"]!.AsArray();
        Assert.Equal(("system", "You sell bread.", 3), ((string?)messages[0]!["role"], (string?)messages[0]!["content"], messages.Count));
        Assert.Equal(Row, (Shop with { System = "" }).PutIntoRow(Row));
    }

    [Theory]
    [InlineData("shop@3", "shop", 3)]
    [InlineData("assistant@0", "assistant", 0)]
    [InlineData("shop", null, null)]
    [InlineData("shop@", null, null)]
    [InlineData("shop@-1", null, null)]
    [InlineData("../shop@1", null, null)]
    [InlineData("Qwen@3", null, null)]
    public void A_versions_id_is_an_assistants_and_a_number(string model, string? assistant, int? version) =>
        Assert.Equal((assistant, version), (AssistantNames.Split(model)?.Assistant, AssistantNames.Split(model)?.Version));

    private static JsonObject Put(AssistantSettings settings, string body) =>
        JsonNode.Parse(settings.PutInto(Encoding.UTF8.GetBytes(body)))!.AsObject();
}
