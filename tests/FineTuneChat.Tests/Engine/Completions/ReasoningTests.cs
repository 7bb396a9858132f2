using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>A model whose prompt opens its reasoning: what it writes is told and counted apart.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ReasoningTests : IDisposable
{
    private const string Template =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n<think>\n{# … "
        + "</think> #}";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Reasoning_has_its_own_field_and_its_own_count()
    {
        await File.WriteAllTextAsync(_folder["template.jinja"], Template);
        await using ProgramProcess engine = ProgramProcess.Start(
            "engine", "--model", RandomModel.Write(_folder["tiny.gguf"]), "--chat-template-file", _folder["template.jinja"], "--socket", _folder["s"],
                "--threads", "1");
        await engine.LineAsync("serving");
        using HttpClient http = TestEngine.Client(_folder["s"]);

        JsonNode plain = (await (await PostAsync("")).Content.ReadFromJsonAsync<JsonNode>())!;
        IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(await PostAsync(""","stream":true,"stream_options":{"include_usage":true}"""));

        string reasoning = new('a', 20);
        Assert.Equal(reasoning, (string?)plain["choices"]![0]!["message"]!["reasoning_content"]);
        Assert.Equal(("", 20, 20), ((string)plain["choices"]![0]!["message"]!["content"]!, (int)plain["usage"]!["completion_tokens"]!, Reasoned(plain)));
        Assert.Equal(reasoning, string.Concat(chunks.SelectMany(c => c["choices"]!.AsArray()).Select(c => (string?)c!["delta"]!["reasoning_content"])));
        Assert.Equal(20, Reasoned(chunks[^1]));

        Task<HttpResponseMessage> PostAsync(string more) => http.PostAsync("/v1/chat/completions", new StringContent(
            $$"""{"messages":[{"role":"user","content":"hello"}],"temperature":0,"logit_bias":{"97":100},"max_tokens":20{{more}}}""", Encoding.UTF8,
                "application/json"));
    }

    private static int Reasoned(JsonNode reply) => (int)reply["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!;

    public void Dispose() => _folder.Dispose();
}
