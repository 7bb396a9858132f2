using System.Text.Json.Serialization;

namespace FineTuneChat.Gateway.Page;

/// <summary>Where the modules that an import names are to be found.</summary>
internal sealed record ImportMap(IReadOnlyDictionary<string, string> Imports);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImportMap))]
internal sealed partial class PageJson : JsonSerializerContext;
