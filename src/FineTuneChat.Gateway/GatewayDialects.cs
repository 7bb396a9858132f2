using FineTuneChat.Gateway.Dialects;
using FineTuneChat.Gateway.Dialects.Anthropic;
using FineTuneChat.Gateway.Dialects.LlamaServer;
using FineTuneChat.Gateway.Dialects.LmStudio;
using FineTuneChat.Gateway.Dialects.Ollama;
using FineTuneChat.Gateway.Dialects.Responses;

namespace FineTuneChat.Gateway;

/// <summary>The services and routes of all dialects.</summary>
internal static class GatewayDialects
{
    public static void AddDialects(this IServiceCollection services) => services
        .AddSingleton<DialectChat>().AddSingleton<DialectText>()
        .AddSingleton<ResponseStore>().AddSingleton<OllamaModels>().AddSingleton<LmStudioModels>();

    public static void MapDialects(this IEndpointRouteBuilder routes)
    {
        routes.MapResponses();
        routes.MapAnthropic();
        routes.MapOllama();
        routes.MapOllamaModels();
        routes.MapOllamaPull();
        routes.MapLmStudio();
        routes.MapLlamaServer();
    }
}
