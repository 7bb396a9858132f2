using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.Training.Lora.Peft;

/// <summary><c>adapter_config.json</c>: what of PEFT's LoraConfig matters here.</summary>
internal sealed record PeftConfig
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public string PeftType { get; init; } = "LORA";

    public string? TaskType { get; init; } = "CAUSAL_LM";

    public string? BaseModelNameOrPath { get; init; }

    /// <summary>The base's commit at the hub; null: not known.</summary>
    public string? Revision { get; init; }

    public int R { get; init; }

    public double LoraAlpha { get; init; }

    public double LoraDropout { get; init; }

    public string Bias { get; init; } = "none";

    /// <summary>Names, or in foreign files a pattern; which layers are adapted is read from the matrices.</summary>
    public JsonElement? TargetModules { get; init; }

    public bool FanInFanOut { get; init; }

    public bool InferenceMode { get; init; } = true;

    public bool UseRslora { get; init; }

    public bool UseDora { get; init; }

    public JsonElement? ModulesToSave { get; init; }

    /// <summary>By module, the tokens whose rows are trained; a list is of <c>embed_tokens</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? TrainableTokenIndices { get; init; }

    public JsonElement? RankPattern { get; init; }

    public JsonElement? AlphaPattern { get; init; }

    /// <summary>The alpha whose scale is alpha / rank.</summary>
    [JsonIgnore]
    public float EffectiveAlpha => (float)(UseRslora ? LoraAlpha * Math.Sqrt(R) : LoraAlpha);

    public void Save(string path)
    {
        File.WriteAllText(path + ".partial", JsonSerializer.Serialize(this, Json));
        File.Move(path + ".partial", path, overwrite: true);
    }

    /// <exception cref="InvalidDataException">It is corrupt, or asks for what is not LoRA as it is computed here.</exception>
    public static PeftConfig Load(string path)
    {
        PeftConfig config;
        try
        {
            config = JsonSerializer.Deserialize<PeftConfig>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not a usable adapter_config.json: {e.Message}", e);
        }

        string? foreign = config switch
        {
            { PeftType: not "LORA" } => $"peft_type is {config.PeftType}",
            { UseDora: true } => "use_dora is true",
            { FanInFanOut: true } => "fan_in_fan_out is true",
            { Bias: not "none" } => $"bias is {config.Bias}",
            { R: < 1 or > 512 } => $"r is {config.R}",
            { LoraAlpha: <= 0 } => $"lora_alpha is {config.LoraAlpha}",
            _ when !IsEmpty(config.ModulesToSave) => "modules_to_save is not empty",
            _ when !IsEmpty(config.RankPattern) || !IsEmpty(config.AlphaPattern) => "ranks or alphas differ from layer to layer",
            _ => null,
        };
        return foreign is null
            ? config
            : throw new InvalidDataException($"{path}: {foreign}; adapters that can be read are plain LoRA of one rank (1 to 512) and one alpha.");
    }

    private static bool IsEmpty(JsonElement? value) => value is not { } given || given.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => given.GetArrayLength() == 0,
        JsonValueKind.Object => !given.EnumerateObject().Any(),
        _ => false,
    };
}
