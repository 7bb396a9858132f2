using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.Extensions.Primitives;

namespace FineTuneChat.Gateway.Tools.Mcp;

/// <summary>
/// Calls routes of this server for a caller who is already inside: by the caller's own key, with the route's scope and rules. So a tool of ours does what its
/// route does, and may not do more.
/// </summary>
internal sealed class OwnRoutes(EndpointDataSource routes, StorageRoom room, ChatActivity activity)
{
    /// <summary>Whether the caller may use a route.</summary>
    public bool MayUse(HttpContext caller, string method, string route) =>
        RouteOf(method, route).Metadata.GetMetadata<ScopeRule>()?.Scope is { } scope && Caller.Of(caller).MayDo(scope);

    /// <param name="caller">The request of whoever asks.</param>
    /// <param name="method">HTTP's.</param>
    /// <param name="route">As it is mapped: <c>/api/conversations/{id}</c>.</param>
    /// <param name="values">Of the places in the route, and of its query.</param>
    /// <param name="body">JSON, where the route takes one.</param>
    /// <param name="headers">Others than JSON's.</param>
    /// <exception cref="OpenAiException">What the route refuses.</exception>
    public async Task<JsonElement> SendAsync(
        HttpContext caller, string method, string route, IReadOnlyDictionary<string, string?>? values = null, JsonObject? body = null,
        IReadOnlyDictionary<string, string>? headers = null)
    {
        RouteEndpoint endpoint = RouteOf(method, route);
        var http = new DefaultHttpContext { RequestServices = caller.RequestServices, RequestAborted = caller.RequestAborted };
        foreach ((object key, object? item) in caller.Items)
            http.Items[key] = item; // the caller's key
        http.SetEndpoint(endpoint);
        http.Request.Method = method;
        http.Request.Path = route;
        http.Request.RouteValues = new RouteValueDictionary(values?.Where(value => endpoint.RoutePattern.GetParameter(value.Key) is not null));
        http.Request.Query = new QueryCollection((values ?? new Dictionary<string, string?>())
            .Where(value => value.Value is not null && endpoint.RoutePattern.GetParameter(value.Key) is null)
            .ToDictionary(value => value.Key, value => new StringValues(value.Value)));
        foreach ((string name, string value) in headers ?? new Dictionary<string, string>())
            http.Request.Headers[name] = value;
        if (body is not null)
        {
            byte[] text = Encoding.UTF8.GetBytes(body.ToJsonString(RelaxedJson.Options));
            (http.Request.ContentType, http.Request.ContentLength, http.Request.Body) = ("application/json", text.Length, new MemoryStream(text));
        }
        using var answer = new MemoryStream();
        http.Response.Body = answer;

        Caller.Of(http).Require(endpoint.Metadata.GetMetadata<ScopeRule>()!.Scope!);
        StorageGuard.Require(http, room);
        await activity.CountAsync(http, endpoint.RequestDelegate!);
        await http.Response.BodyWriter.FlushAsync(caller.RequestAborted);
        JsonElement json = JsonElement.Parse(answer.ToArray());
        return http.Response.StatusCode < StatusCodes.Status400BadRequest
            ? json
            : throw new OpenAiException(http.Response.StatusCode, json.Deserialize(OpenAiJson.Default.OpenAiErrorBody)!.Error);
    }

    private RouteEndpoint RouteOf(string method, string route) => routes.Endpoints.OfType<RouteEndpoint>().First(endpoint =>
        $"/{endpoint.RoutePattern.RawText!.Trim('/')}" == route && endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(method) == true);
}
