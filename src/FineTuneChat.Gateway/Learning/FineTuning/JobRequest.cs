using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>The body of <c>POST /v1/fine_tuning/jobs</c>, in OpenAI's shape.</summary>
internal sealed record JobRequest
{
    private const int MostMetadata = 16, LongestKey = 64, LongestValue = 512, LongestSuffix = 64;

    public string? Model { get; init; }
    public string? TrainingFile { get; init; }
    public string? ValidationFile { get; init; }
    public string? Suffix { get; init; }
    public int? Seed { get; init; }
    public Dictionary<string, string>? Metadata { get; init; }
    public JobMethod? Method { get; init; }

    /// <summary>Where older clients put them.</summary>
    public Hyperparameters? Hyperparameters { get; init; }

    /// <summary>Accepted without effect: there is nothing to integrate with.</summary>
    public JsonElement? Integrations { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <summary>What was asked for.</summary>
    [JsonIgnore] public Hyperparameters Asked => Method?.Supervised?.Hyperparameters ?? Hyperparameters ?? new();

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public void Validate()
    {
        if ((Unknown ?? Method?.Unknown ?? Method?.Supervised?.Unknown ?? Asked.Unknown)?.Keys.FirstOrDefault() is { } unknown)
            throw OpenAiException.UnknownParameter(unknown);
        Require(Model, "model");
        Require(TrainingFile, "training_file");
        if (Method is { Type: not (null or "supervised") })
            throw OpenAiException.InvalidRequest($"'method.type' is '{Method.Type}'; this server can: supervised.", "method.type", "unsupported_value");
        if (Suffix?.Length > LongestSuffix)
            throw OpenAiException.InvalidRequest($"'suffix' may have {LongestSuffix} characters.", "suffix");
        if (Seed < 0)
            throw OpenAiException.InvalidRequest("'seed' must be 0 or more.", "seed");
        if (Metadata?.Count > MostMetadata || Metadata?.Any(m => m.Key.Length > LongestKey || m.Value.Length > LongestValue) == true)
            throw OpenAiException.InvalidRequest(
                $"'metadata' may have {MostMetadata} pairs, keys of {LongestKey} and values of {LongestValue} characters.", "metadata");
        Asked.Validate();
    }

    private static void Require(string? value, string name)
    {
        if (string.IsNullOrWhiteSpace(value))
            throw OpenAiException.InvalidRequest($"Missing required parameter: '{name}'.", name, "missing_required_parameter");
    }
}

/// <summary>How a job learns.</summary>
internal sealed record JobMethod
{
    public string? Type { get; init; }
    public SupervisedMethod? Supervised { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it
}

/// <summary>By examples.</summary>
internal sealed record SupervisedMethod
{
    public Hyperparameters? Hyperparameters { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it
}

/// <summary>OpenAI's three; each is a number or <c>"auto"</c>, which is this program's own choice.</summary>
internal sealed record Hyperparameters
{
    private const string Auto = "auto";

    [WireType(typeof(int), typeof(string), OrNull = true)] public JsonElement? NEpochs { get; init; }
    [WireType(typeof(int), typeof(string), OrNull = true)] public JsonElement? BatchSize { get; init; }
    [WireType(typeof(double), typeof(string), OrNull = true)] public JsonElement? LearningRateMultiplier { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400: a value is neither a number that is allowed nor "auto".</exception>
    public void Validate()
    {
        Check(NEpochs, "n_epochs", isWhole: true, 1, 1000);
        Check(BatchSize, "batch_size", isWhole: true, 1, 1024);
        Check(LearningRateMultiplier, "learning_rate_multiplier", isWhole: false, 0.001, 100);
    }

    public RunOptions ToOptions() => new()
    {
        Epochs = (int?)Number(NEpochs),
        BatchSize = (int?)Number(BatchSize),
        LearningRateMultiplier = Number(LearningRateMultiplier),
    };

    private static double? Number(JsonElement? value) => value is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    private static void Check(JsonElement? value, string name, bool isWhole, double least, double most)
    {
        bool isFine = value is null or { ValueKind: JsonValueKind.Null }
            || (value is { ValueKind: JsonValueKind.String } text && text.ValueEquals(Auto))
            || (Number(value) is { } number && number >= least && number <= most && (!isWhole || double.IsInteger(number)));
        if (!isFine)
            throw OpenAiException.InvalidRequest(
                $"'{name}' is {value!.Value.GetRawText()}; allowed: \"auto\", or a{(isWhole ? " whole" : "")} number from {least} to {most}.", name);
    }
}
