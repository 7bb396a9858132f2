using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Anthropic;

/// <summary>Anthropic's Messages API: <c>/v1/messages</c>, <c>/v1/messages/count_tokens</c>.</summary>
internal static class AnthropicApi
{
    public static void MapAnthropic(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/messages").WithTags("Anthropic").RequireScope(Scopes.Chat)
            .Takes(typeof(MessagesRequest)).WritesErrorsAs(AnthropicErrors.Shape);
        group.MapPost("", CreateAsync).WithSummary("A reply, whole or streamed").IsChat().Answers(typeof(Message)).Streams(typeof(MessageEvent))
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status507InsufficientStorage);
        group.MapPost("count_tokens", CountAsync).WithSummary("How long a request would be").IsChat().Refuses(StatusCodes.Status404NotFound);
    }

    private static async Task CreateAsync(HttpContext http, DialectChat chat)
    {
        ChatCompletionRequest request = MessagesTranslation.ToChat(await RequestReader.ReadAsync(http.Request, AnthropicJson.Default.MessagesRequest));
        if (request.Stream == true)
        {
            using var stream = new MessageStream();
            await DialectStream.WriteAsync(http, chat.StreamAsync(http, request, http.RequestAborted), stream);
            return;
        }
        Message message = MessageReply.ToMessage(await chat.CompleteAsync(http, request));
        await http.Response.WriteAsJsonAsync(message, AnthropicJson.Wire.Message, contentType: null, http.RequestAborted);
    }

    private static async Task<JsonAnswer<MessageTokens>> CountAsync(HttpContext http, EngineRouter engines, AssistantRegistry assistants)
    {
        ChatCompletionRequest request = MessagesTranslation.ToChat(await RequestReader.ReadAsync(http.Request, AnthropicJson.Default.MessagesRequest));
        ChatCompletionValidator.Validate(request);
        using EngineLease lease = engines.Acquire(Caller.Of(http), request.Model);
        AssistantSettings? assistant = assistants.Find(lease.Specification.Assistant)?.Settings;
        return ApiJson.Result(new MessageTokens(await PromptTokens.CountAsync(http, lease, assistant, request)), AnthropicJson.Wire.MessageTokens);
    }
}
