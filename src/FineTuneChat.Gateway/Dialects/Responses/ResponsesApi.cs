using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>OpenAI's Responses API: <c>/v1/responses</c>. What is stored is the log's entry of the reply.</summary>
internal static class ResponsesApi
{
    public static void MapResponses(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/responses").WithTags("OpenAI").RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        group.MapPost("", CreateAsync).WithSummary("A response, whole or streamed").IsChat()
            .Takes(typeof(ResponsesRequest)).Answers(typeof(Response)).Streams(typeof(ResponseEvent))
            .Refuses(StatusCodes.Status409Conflict, StatusCodes.Status507InsufficientStorage);
        group.MapGet("{id}", GetAsync).WithSummary("A stored response");
        group.MapDelete("{id}", RemoveAsync).WithSummary("Erases a stored response");
    }

    private static async Task CreateAsync(HttpContext http, Caller caller, DialectChat chat, ResponseStore store)
    {
        ResponsesRequest body = await RequestReader.ReadAsync(http.Request, ResponsesJson.Default.ResponsesRequest);
        IReadOnlyList<RequestMessage> before =
            body.PreviousResponseId is { } previous ? await store.MessagesAsync(caller, previous, http.RequestAborted) : [];
        ChatCompletionRequest request = ResponsesTranslation.ToChat(body, before);
        if (request.Stream == true)
        {
            using var stream = new ResponseStream(request, body.PreviousResponseId, body.Include);
            await DialectStream.WriteAsync(http, chat.StreamAsync(http, request, http.RequestAborted), stream);
            return;
        }
        ChatCompletion reply = await chat.CompleteAsync(http, request);
        ResponseMessage message = reply.Choices[0].Message;
        Response response = ResponseBuilder.End(
            ResponseBuilder.Begin(request, reply.Id, reply.Model, reply.Created, body.PreviousResponseId),
            ResponseBuilder.Output(reply.Id, message.Content, message.ReasoningContent, message.ToolCalls,
                FileSearchCall.Of(reply.Sources, request, body.Include)),
            reply.Choices[0].FinishReason,
            reply.Usage);
        await http.Response.WriteAsJsonAsync(response, ResponsesJson.Wire.Response, contentType: null, http.RequestAborted);
    }

    private static async Task<JsonAnswer<Response>> GetAsync(string id, Caller caller, ResponseStore store, CancellationToken cancellation) =>
        ApiJson.Result(await store.GetAsync(caller, id, cancellation), ResponsesJson.Wire.Response);

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string id, Caller caller, Eraser eraser)
    {
        _ = await eraser.CompletionAsync(caller, ReplyIds.OfCompletion(id)) ?? throw OpenAiException.NotFound("response", id);
        return ApiJson.Result(new Removed(id, "response"), ResponsesJson.Wire.Removed);
    }
}
