using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Engine.Adapters;

/// <summary>
/// vLLM's routes for adapters at run time. Like all of the engine's they have no key: only this user, or with <c>--urls</c> this machine, can reach them.
/// </summary>
internal static partial class AdaptersApi
{
    private const int LongestName = 128;
    private const string FileOfFolder = "adapter.gguf"; // as `train` writes it, beside PEFT's files

    public static void MapAdapters(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/load_lora_adapter", LoadAsync);
        routes.MapPost("/v1/unload_lora_adapter", UnloadAsync);
    }

    private static async Task<IResult> LoadAsync(HttpContext http, AdapterRegistry adapters, ILogger<AdapterRegistry> log)
    {
        LoadAdapterBody body = await RequestReader.ReadAsync(http.Request, AdaptersJson.Default.LoadAdapterBody);
        (string name, string path) = (NameOf(body.LoraName), PathOf(body.LoraPath));
        SamplingValidator.Range("scale", body.Scale, -AdapterChoice.MaxScale, AdapterChoice.MaxScale);
        await adapters.AddAsync(name, new AdapterChoice(path, (float)(body.Scale ?? 1)), body.LoadInplace ?? false, http.RequestAborted);
        LogLoaded(log, name, path);
        return Results.Text($"Success: LoRA adapter '{name}' added successfully.");
    }

    private static async Task<IResult> UnloadAsync(HttpContext http, AdapterRegistry adapters, ILogger<AdapterRegistry> log)
    {
        UnloadAdapterBody body = await RequestReader.ReadAsync(http.Request, AdaptersJson.Default.UnloadAdapterBody);
        string name = NameOf(body.LoraName);
        await adapters.RemoveAsync(name).WaitAsync(http.RequestAborted);
        LogUnloaded(log, name);
        return Results.Text($"Success: LoRA adapter '{name}' removed successfully.");
    }

    private static string NameOf(string? name)
    {
        if (string.IsNullOrEmpty(name))
            throw OpenAiException.MissingParameter("lora_name");
        return name.Length <= LongestName && !name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? name
            : throw OpenAiException.InvalidRequest($"'lora_name' must have 1 to {LongestName} characters, none of them a space.", "lora_name");
    }

    private static string PathOf(string? path)
    {
        if (string.IsNullOrEmpty(path))
            throw OpenAiException.MissingParameter("lora_path");
        if (path.Contains('\0', StringComparison.Ordinal))
            throw OpenAiException.InvalidRequest("'lora_path' is no path: it has a NUL.", "lora_path");
        string full = Path.GetFullPath(path), inside = Path.Combine(full, FileOfFolder);
        if (!Directory.Exists(full))
            return full;
        return File.Exists(inside)
            ? inside
            : throw OpenAiException.InvalidRequest(
                $"{full} is a folder without {FileOfFolder}. Adapters are read as GGUF: name the file, or a folder that `train` wrote.", "lora_path",
                "invalid_adapter");
    }

    [LoggerMessage(2006, LogLevel.Information, "adapter {Name} loaded from {Path}")]
    private static partial void LogLoaded(ILogger log, string name, string path);

    [LoggerMessage(2007, LogLevel.Information, "adapter {Name} unloaded")]
    private static partial void LogUnloaded(ILogger log, string name);
}

/// <summary>vLLM's, and how strongly the adapter works.</summary>
internal sealed record LoadAdapterBody(string? LoraName, string? LoraPath, bool? LoadInplace, double? Scale);

/// <summary>vLLM's; it sends a number along, which says nothing here.</summary>
internal sealed record UnloadAdapterBody(string? LoraName, int? LoraIntId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(LoadAdapterBody))]
[JsonSerializable(typeof(UnloadAdapterBody))]
internal sealed partial class AdaptersJson : JsonSerializerContext;
