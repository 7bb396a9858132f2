using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Models;

/// <summary>How one model is loaded, where it is not as section <c>Engine</c> says. Names and rules are that section's; null: as there.</summary>
internal sealed record LoadOptions
{
    public int? ContextLength { get; init; }
    public int? GpuLayers { get; init; }
    public string? CacheTypeKeys { get; init; }
    public string? CacheTypeValues { get; init; }
    [AllowedValues(EngineSettings.Auto, EngineSettings.On, EngineSettings.Off)] public string? FlashAttention { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <summary>Whether nothing is other than in the settings.</summary>
    [JsonIgnore]
    public bool IsEmpty => this == new LoadOptions();

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public LoadOptions Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        foreach (PropertyInfo setting in typeof(EngineSettings).GetProperties())
            if (typeof(LoadOptions).GetProperty(setting.Name)?.GetValue(this) is { } value && Settings.Fault(setting, OptionTable.Text(value)) is { } fault)
                throw OpenAiException.InvalidRequest(
                    $"'{JsonNamingPolicy.SnakeCaseLower.ConvertName(setting.Name)}' is '{OptionTable.Text(value)}', but it {fault}.",
                    JsonNamingPolicy.SnakeCaseLower.ConvertName(setting.Name));
        return this with { Unknown = null };
    }

    public EngineSettings Over(EngineSettings settings) => settings with
    {
        ContextLength = ContextLength ?? settings.ContextLength,
        GpuLayers = GpuLayers ?? settings.GpuLayers,
        CacheTypeKeys = CacheTypeKeys ?? settings.CacheTypeKeys,
        CacheTypeValues = CacheTypeValues ?? settings.CacheTypeValues,
        FlashAttention = FlashAttention ?? settings.FlashAttention,
    };
}
