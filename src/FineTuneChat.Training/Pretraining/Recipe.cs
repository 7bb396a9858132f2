using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Pretraining;

/// <summary>Everything that decides what <c>pretrain</c> makes: the same recipe gives the same corpus, tokenizer and starting weights.</summary>
/// <param name="Name">Written into the GGUF as <c>general.name</c>.</param>
/// <param name="Seed">Of corpus, starting weights and order.</param>
/// <param name="Tokenizer">How the vocabulary is trained.</param>
/// <param name="Model">The shape of the model.</param>
/// <param name="Optimizer">How it learns.</param>
/// <param name="License">Of the model, as the hub names licences; null: its file says none.</param>
public sealed record Recipe(
    string Name, ulong Seed, TokenizerRecipe Tokenizer, ModelRecipe Model, OptimizerRecipe Optimizer, string? License = null)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    /// <summary>Reads and checks a recipe.</summary>
    /// <param name="path">A JSON file such as <c>models/starter/recipe.json</c>.</param>
    /// <exception cref="InvalidDataException">
    /// It is no recipe, or a value is not allowed: one line that names the file, every wrong key and what is allowed.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Recipe Read(string path)
    {
        Recipe recipe;
        try
        {
            recipe = JsonSerializer.Deserialize<Recipe>(File.ReadAllText(path), Json)
                ?? throw new InvalidDataException($"{path}: empty; a recipe is a JSON object.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        var errors = RecipeRules.Check(recipe).ToArray();
        return errors.Length == 0 ? recipe : throw new InvalidDataException($"{path}: {string.Join("; ", errors)}.");
    }

    /// <summary>The recipe as indented JSON, as <see cref="Read"/> reads it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>All of its values, by their places in the file, and those of the corpus.</summary>
    internal RunIdentity Identity(IReadOnlyDictionary<string, string> corpus)
    {
        var entries = new Dictionary<string, string>(corpus);
        Add(JsonSerializer.SerializeToElement(this, Json), "");
        return new RunIdentity(entries);

        void Add(JsonElement element, string place)
        {
            if (element.ValueKind != JsonValueKind.Object)
                entries[place] = element.ToString();
            else
                foreach (JsonProperty property in element.EnumerateObject())
                    Add(property.Value, place.Length == 0 ? property.Name : $"{place}.{property.Name}");
        }
    }
}

/// <summary>How the vocabulary is trained.</summary>
/// <param name="Size">Tokens, specials included: 512 to 32768.</param>
/// <param name="Conversations">How many conversations of the corpus are counted: 1000 to 1000000.</param>
/// <param name="FewestUses">Merged tokens that these conversations use less often are left out: 0 (none is) or more.</param>
public sealed record TokenizerRecipe(int Size, int Conversations, int FewestUses = 0);

/// <summary>The shape of a model of the Llama architecture; embedding and output head share their weights.</summary>
/// <param name="Width">Of the residual stream: a multiple of 32 to 2048; of 256, so that K-quants apply.</param>
/// <param name="Layers">1 to 64.</param>
/// <param name="Heads">Query heads; the width of one is <see cref="HeadWidth"/>.</param>
/// <param name="KvHeads">Key and value heads: a divisor of <paramref name="Heads"/>.</param>
/// <param name="FeedForward">Width of the feed-forward layer: a multiple of 32.</param>
/// <param name="RopeBase">Base of the rotary embedding's wavelengths, tokens: more than 1.</param>
/// <param name="Context">Tokens: 128 to 8192.</param>
public sealed record ModelRecipe(int Width, int Layers, int Heads, int KvHeads, int FeedForward, double RopeBase, int Context)
{
    /// <summary>Width of one head: <see cref="Width"/> / <see cref="Heads"/>.</summary>
    [JsonIgnore]
    public int HeadWidth => Width / Heads;

    /// <summary>Number of weights with a vocabulary of this size.</summary>
    /// <param name="vocabulary">Tokens.</param>
    public long Parameters(int vocabulary)
    {
        long attention = (2L * Width * Width) + (2L * Width * KvHeads * HeadWidth); // q and o, k and v
        var block = attention + (3L * Width * FeedForward) + (2L * Width);
        return ((long)vocabulary * Width) + (Layers * block) + Width;
    }
}

/// <summary>AdamW over a fixed number of steps: warm-up, then a cosine to a fraction of the peak.</summary>
/// <param name="Steps">1 to 1000000.</param>
/// <param name="TokensPerStep">Tokens of one step, prompts included: 256 to 1048576.</param>
/// <param name="LearningRate">Peak: more than 0, at most 0.1.</param>
/// <param name="FinalFraction">Of the peak at the last step: 0 to 1.</param>
/// <param name="WarmupSteps">0 to <paramref name="Steps"/>.</param>
/// <param name="Beta1">0 to below 1.</param>
/// <param name="Beta2">0 to below 1.</param>
/// <param name="WeightDecay">On matrices, not on norms and embeddings: 0 to 1.</param>
/// <param name="ClipNorm">Largest norm of the gradient: more than 0.</param>
/// <param name="PromptShare">
/// Share of the conversations in which the user's turns are predicted, too: 0 to 1. A model that has never had to write a user's turn cannot write questions
/// to practise on, and tokens that only users write get no direction of their own in its head.
/// </param>
public sealed record OptimizerRecipe(
    int Steps, int TokensPerStep, double LearningRate, double FinalFraction, int WarmupSteps, double Beta1, double Beta2, double WeightDecay, double ClipNorm,
    double PromptShare = 0);
