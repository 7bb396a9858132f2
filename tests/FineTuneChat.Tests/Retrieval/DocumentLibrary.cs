using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.TestSupport;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retrieval;

/// <summary>Puts documents into a gateway as a client does.</summary>
internal static class DocumentLibrary
{
    public static async Task<string> UploadAsync(this TestGateway gateway, string name, string text, string purpose = "assistants")
    {
        using var form = new MultipartFormDataContent { { new StringContent(purpose), "purpose" } };
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name);
        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/files", form);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!;
    }

    /// <summary>A collection of texts, read to the end.</summary>
    public static async Task<string> CollectAsync(this TestGateway gateway, params (string Name, string Text)[] documents)
    {
        (_, JsonNode store) = await gateway.PostAsync("/v1/vector_stores", new { name = "Library" });
        string id = (string)store["id"]!;
        foreach ((string name, string text) in documents)
            await gateway.PostAsync($"/v1/vector_stores/{id}/files", new { file_id = await gateway.UploadAsync(name, text) });
        await gateway.ReadAllAsync(id);
        return id;
    }

    public static async Task ReadAllAsync(this TestGateway gateway, string store)
    {
        gateway.Get<DocumentIngestion>().Wake();
        await Eventually.TrueAsync(async () => (string?)(await gateway.GetJsonAsync($"/v1/vector_stores/{store}"))["status"] == "completed");
    }

    public static async Task<JsonArray> SearchAsync(this TestGateway gateway, string store, object request)
    {
        (int status, JsonNode page) = await gateway.PostAsync($"/v1/vector_stores/{store}/search", request);
        Assert.Equal(200, status);
        return page["data"]!.AsArray();
    }
}
