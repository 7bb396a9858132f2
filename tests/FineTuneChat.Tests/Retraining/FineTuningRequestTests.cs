using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

/// <summary>What <c>/v1/files</c> and <c>/v1/fine_tuning/jobs</c> refuse, and what they keep.</summary>
public sealed class FineTuningRequestTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartWithoutEngineAsync(settings: ("Storage:MaxFileMegabytes", "1"));

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_kept_as_it_came_wherever_its_purpose_stands(bool purposeFirst)
    {
        byte[] bytes = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7))];
        (int status, JsonNode file) = await UploadAsync(bytes, @"C:\data\..\my rows.jsonl", "fine-tune", purposeFirst);

        Assert.Equal(
            (200, "my rows.jsonl", 200_000, "fine-tune", "file"),
            (status, (string?)file["filename"], (int)file["bytes"]!, (string?)file["purpose"], (string?)file["object"]));
        Assert.Equal(bytes, await _gateway.Client.GetByteArrayAsync($"/v1/files/{file["id"]}/content"));
        Assert.Equal((string?)file["id"], (string?)(await _gateway.GetJsonAsync("/v1/files?purpose=fine-tune"))["data"]![0]!["id"]);
        Assert.Empty((await _gateway.GetJsonAsync("/v1/files?purpose=batch"))["data"]!.AsArray());
        (status, JsonNode removed) = await _gateway.SendAsync(HttpMethod.Delete, $"/v1/files/{file["id"]}");
        Assert.Equal((200, true), (status, (bool)removed["deleted"]!));
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Get, $"/v1/files/{file["id"]}/content")).Status);
    }

    [Theory]
    [InlineData("file", "fine-tune", 1_000_001, 413, "file_too_large")]
    [InlineData("file", "supper", 10, 400, "invalid_value")]
    [InlineData("file", null, 10, 400, "missing_required_parameter")]
    [InlineData("data", "fine-tune", 10, 400, "missing_required_parameter")]
    public async Task A_form_that_is_none_leaves_nothing_behind(string field, string? purpose, int bytes, int status, string code)
    {
        (int answered, JsonNode body) = await UploadAsync(new byte[bytes], "rows.jsonl", purpose, purposeFirst: false, field);

        Assert.Equal(status, answered);
        TestGateway.AssertOpenAiError(body, code);
        Assert.Empty(Directory.EnumerateFiles(_gateway.Get<FineTuneChat.Gateway.Storage.DataFolder>().Files));
    }

    [Fact]
    public async Task Files_are_forms_and_nothing_else_is()
    {
        (int status, JsonNode body) = await _gateway.PostAsync("/v1/files", "{}");
        Assert.Equal(415, status);
        TestGateway.AssertOpenAiError(body, "unsupported_media_type");

        using var form = new MultipartFormDataContent { { new StringContent("x"), "purpose" } };
        using HttpResponseMessage elsewhere = await _gateway.Client.PostAsync("/v1/fine_tuning/jobs", form);
        Assert.Equal(415, (int)elsewhere.StatusCode);
        using var cut = new StringContent("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf", Encoding.UTF8);
        cut.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        using HttpResponseMessage half = await _gateway.Client.PostAsync("/v1/files", cut);
        Assert.Equal(400, (int)half.StatusCode);
    }

    [Theory]
    [InlineData("""{"training_file":"FILE"}""", 400, "missing_required_parameter")]
    [InlineData("""{"model":"assistant"}""", 400, "missing_required_parameter")]
    [InlineData("""{"model":"gpt-4o","training_file":"FILE"}""", 404, "model_not_found")]
    [InlineData("""{"model":"assistant","training_file":"file-none"}""", 404, "not_found")]
    [InlineData("""{"model":"assistant","training_file":"FILE","validation_file":"file-none"}""", 404, "not_found")]
    [InlineData("""{"model":"assistant","training_file":"FILE","epochs":3}""", 400, "unknown_parameter")]
    [InlineData("""{"model":"assistant","training_file":"FILE","hyperparameters":{"n_epochs":0}}""", 400, "invalid_value")]
    [InlineData("""{"model":"assistant","training_file":"FILE","hyperparameters":{"n_epochs":"many"}}""", 400, "invalid_value")]
    [InlineData("""{"model":"assistant","training_file":"FILE","hyperparameters":{"batch_size":2.5}}""", 400, "invalid_value")]
    [InlineData("""{"model":"assistant","training_file":"FILE","method":{"type":"reinforcement"}}""", 400, "unsupported_value")]
    [InlineData("""{"model":"assistant","training_file":"FILE","method":{"supervised":{"hyperparameters":{"rank":8}}}}""", 400, "unknown_parameter")]
    [InlineData("""{"model":"assistant","training_file":"FILE","seed":-1}""", 400, "invalid_value")]
    [InlineData("""{"model":"assistant","training_file":"FILE","metadata":{"train_only":"true","options":"{"}}""", 400, "invalid_value")]
    [InlineData("""{"model":"assistant","training_file":"FILE","metadata":{"train_only":"true","options":"{\"rank\":0}"}}""", 400, "invalid_value")]
    [InlineData("""{"model":"assistant","training_file":"FILE","metadata":{"train_only":"true","keep_file":"file-none"}}""", 404, "not_found")]
    public async Task A_job_that_cannot_be_is_refused_with_its_reason(string request, int status, string code)
    {
        string file = (string)(await UploadAsync(new byte[10], "rows.jsonl", "fine-tune", purposeFirst: true)).Body["id"]!;
        (int answered, JsonNode body) = await _gateway.PostAsync("/v1/fine_tuning/jobs", request.Replace("FILE", file, StringComparison.Ordinal));

        Assert.Equal(status, answered);
        TestGateway.AssertOpenAiError(body, code);
        Assert.Empty((await _gateway.GetJsonAsync("/v1/fine_tuning/jobs"))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_job_keeps_what_was_asked_for_and_can_be_cancelled_before_it_begins()
    {
        string file = (string)(await UploadAsync(new byte[10], "rows.jsonl", "fine-tune", purposeFirst: true)).Body["id"]!;
        (int status, JsonNode job) = await _gateway.PostAsync("/v1/fine_tuning/jobs", new
        {
            model = "assistant",
            training_file = file,
            metadata = new { shop = "north" },
            method = new
            {
                type = "supervised",
                supervised = new { hyperparameters = new { n_epochs = "auto", batch_size = 4, learning_rate_multiplier = 0.5 } },
            },
            integrations = (object?)null,
        });

        Assert.Equal((200, "validating_files", "north"), (status, (string?)job["status"], (string?)job["metadata"]!["shop"]));
        JsonNode asked = job["method"]!["supervised"]!["hyperparameters"]!;
        Assert.Equal(("auto", 4, 0.5), ((string?)asked["n_epochs"], (int)asked["batch_size"]!, (double)asked["learning_rate_multiplier"]!));
        JsonNode events = await _gateway.GetJsonAsync($"/v1/fine_tuning/jobs/{job["id"]}/events");
        Assert.Equal("Created fine-tuning job: " + job["id"], (string?)events["data"]![0]!["message"]);
        Assert.Empty((await _gateway.GetJsonAsync($"/v1/fine_tuning/jobs/{job["id"]}/checkpoints"))["data"]!.AsArray());
        Assert.Equal("cancelled", (string?)(await _gateway.PostAsync($"/v1/fine_tuning/jobs/{job["id"]}/cancel", "{}")).Body["status"]);
        Assert.Equal(409, (await _gateway.PostAsync($"/v1/fine_tuning/jobs/{job["id"]}/pause", "{}")).Status);
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Get, "/v1/fine_tuning/jobs/ftjob-none")).Status);
    }

    private async Task<(int Status, JsonNode Body)> UploadAsync(byte[] bytes, string name, string? purpose, bool purposeFirst, string field = "file")
    {
        using var form = new MultipartFormDataContent();
        if (purposeFirst && purpose is not null)
            form.Add(new StringContent(purpose), "purpose");
        form.Add(new ByteArrayContent(bytes), field, name);
        if (!purposeFirst && purpose is not null)
            form.Add(new StringContent(purpose), "purpose");
        using HttpResponseMessage response = await _gateway.Client.PostAsync("/v1/files", form);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
