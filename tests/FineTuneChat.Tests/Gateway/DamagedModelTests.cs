using System.Text.Json.Nodes;
using FineTuneChat.Gguf;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Gateway;

/// <summary>A local model that cannot be loaded is an OpenAI error with the reason; the gateway and the assistant's engine go on.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DamagedModelTests
{
    [Theory]
    [InlineData("cut", "incomplete download")]
    [InlineData("heads", "cannot share 3 key-value heads")]
    [InlineData("tokens", "appears twice")]
    public async Task A_request_for_it_says_why_and_others_are_answered(string damage, string reason)
    {
        using var folder = new TemporaryFolder();
        Write(folder["damaged.gguf"], damage);
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);

        (int status, JsonNode refused) = await gateway.PostAsync("/v1/chat/completions", Ask("damaged"));
        (int answered, _) = await gateway.PostAsync("/v1/chat/completions", Ask("assistant"));

        Assert.Equal(503, status);
        Assert.Contains(reason, (string)refused["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(200, answered);

        (status, refused) = await gateway.PostAsync("/v1/chat/completions", Ask("damaged")); // known by now: it is tried once
        Assert.Equal((503, "model_unusable"), (status, (string)refused["error"]!["code"]!));
        Assert.Contains(reason, (string)refused["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Contains((await gateway.GetJsonAsync("/api/models"))["data"]!.AsArray(), m => (string)m!["name"]! == "damaged" && !(bool)m["usable"]!);
    }

    private static object Ask(string model) => new { model, messages = new[] { new { role = "user", content = "hi" } }, max_tokens = 4 };

    private static void Write(string path, string damage)
    {
        GgufFile sound = GgufFile.Open(RandomModel.Write(path));
        if (damage == "cut")
        {
            byte[] bytes = File.ReadAllBytes(path);
            File.WriteAllBytes(path, bytes[..^1000]);
            return;
        }

        var writer = new GgufWriter();
        writer.Metadata.CopyFrom(sound.Metadata);
        if (damage == "heads")
            writer.Metadata.Set("llama.attention.head_count_kv", 3u);
        else
            writer.Metadata.Set("tokenizer.ggml.tokens", Enumerable.Repeat("same", RandomModel.VocabularySize).ToArray());
        foreach (GgufTensorInfo tensor in sound.Tensors)
            writer.Add(tensor.Name, tensor.Type, tensor.Shape, stream => stream.Write(new byte[tensor.Bytes]));
        writer.Save(path);
    }
}
