using System.Text.Json;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>A model of a server's <c>/v1/models</c>.</summary>
/// <param name="Id">By which it is asked.</param>
/// <param name="Root">What it was loaded from, where the server says so.</param>
/// <param name="Parent">The base of an adapter.</param>
internal sealed record ListedModel(string Id, string? Root, string? Parent)
{
    /// <exception cref="ReplicaException">It is no such list.</exception>
    public static IReadOnlyList<ListedModel> Read(byte[] list)
    {
        try
        {
            return
            [
                .. JsonElement.Parse(list).GetProperty("data").EnumerateArray()
                    .Select(m => new ListedModel(m.GetProperty("id").GetString()!, Text(m, "root"), Text(m, "parent"))),
            ];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw UpstreamError.Nonsense("what is no list of models");
        }
    }

    private static string? Text(JsonElement model, string name) =>
        model.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
