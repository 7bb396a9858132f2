using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log.Prompts;

/// <summary><c>/api/prompts</c>: messages that are sent again and again.</summary>
internal static class PromptsApi
{
    public static void MapPrompts(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/prompts").WithTags("Conversations").RequireScope(Scopes.Chat);
        group.MapGet("", List).WithSummary("The library of prompts");
        group.MapPost("", SaveAsync).WithSummary("Stores a prompt under its name").Takes(typeof(PromptRequest)).Stores();
        group.MapDelete("{id}", RemoveAsync).WithSummary("Deletes a prompt").Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<ListPage<Prompt>> List(Caller caller, PromptStore prompts)
    {
        IReadOnlyList<Prompt> all = prompts.List(caller);
        return ApiJson.Result(ListPage<Prompt>.Of(all, all.Count, p => p.Id), PromptsJson.Wire.ListPagePrompt);
    }

    private static async Task<JsonAnswer<Prompt>> SaveAsync(HttpRequest request, Caller caller, PromptStore prompts)
    {
        PromptRequest prompt = await RequestReader.ReadAsync(request, PromptsJson.Wire.PromptRequest);
        (string name, string text) = prompt.Validate();
        return ApiJson.Result(await prompts.SaveAsync(caller, name, text), PromptsJson.Wire.Prompt);
    }

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string id, Caller caller, PromptStore prompts) =>
        await prompts.RemoveAsync(caller, id)
            ? ApiJson.Result(new Removed(id, "prompt"), PromptsJson.Wire.Removed)
            : throw OpenAiException.NotFound("prompt", id);
}
