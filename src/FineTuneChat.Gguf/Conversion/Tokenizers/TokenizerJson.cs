using System.Globalization;
using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary><c>tokenizer.json</c>: what Hugging Face's library of fast tokenizers writes.</summary>
internal sealed class TokenizerJson(string path, JsonElement root)
{
    private const int MostTokens = 1 << 22;

    private readonly JsonElement _model = root.Find("model") ?? throw new InvalidDataException($"{path} has no \"model\"; it is no tokenizer of this format.");

    public string Path => path;

    /// <summary>Whether text without a token is written as bytes <c>&lt;0x41&gt;</c>: a SentencePiece model in other clothes.</summary>
    public bool HasByteFallback => _model.Flag("byte_fallback") == true;

    public bool IgnoresMerges => _model.Flag("ignore_merges") == true;

    public JsonElement? PreTokenizer => root.Find("pre_tokenizer");

    /// <summary>Normalisers one after the other.</summary>
    public IEnumerable<JsonElement> Normalizers => Flat(root.Find("normalizer"), "normalizers");

    /// <summary>Post-processors one after the other.</summary>
    public IEnumerable<JsonElement> PostProcessors => Flat(root.Find("post_processor"), "processors");

    public IEnumerable<JsonElement> AddedTokens => root.List("added_tokens");

    /// <exception cref="NotSupportedException">It is of another kind than BPE.</exception>
    public void RequireBpe()
    {
        string kind = _model.Text("type") ?? (_model.Find("merges") is null ? "unknown" : "BPE");
        if (kind != "BPE")
            throw new NotSupportedException($"{path}: its tokens are of kind '{kind}'; BPE can be converted, and SentencePiece's tokenizer.model.");
    }

    /// <summary>Texts and numbers of the tokens.</summary>
    public IReadOnlyList<(string Text, int Id)> Vocabulary()
    {
        var tokens = new List<(string, int)>();
        foreach (JsonProperty token in (_model.Find("vocab") ?? throw Bad("it has no \"vocab\"")).EnumerateObject())
        {
            if (!token.Value.TryGetInt32(out int id) || id is < 0 or >= MostTokens)
                throw Bad($"token '{token.Name}' has the number {token.Value.GetRawText()}");
            tokens.Add((token.Name, id));
        }

        return tokens;
    }

    /// <summary>Pairs that are merged, the first ones first.</summary>
    public IEnumerable<(string Left, string Right)> Merges()
    {
        foreach (JsonElement merge in _model.List("merges"))
        {
            string[] parts = merge.ValueKind == JsonValueKind.Array ? [.. merge.EnumerateArray().Select(p => p.GetString()!)] : merge.GetString()!.Split(' ');
            yield return parts.Length == 2 && parts.All(p => p.Length > 0) ? (parts[0], parts[1]) : throw Bad($"merge {merge.GetRawText()} is no pair");
        }
    }

    public InvalidDataException Bad(string why) => new(string.Create(CultureInfo.InvariantCulture, $"{path} cannot be used: {why}. Download it again."));

    /// <summary>The parts of a sequence, and of sequences in it.</summary>
    public static IEnumerable<JsonElement> Flat(JsonElement? part, string list) => part switch
    {
        null => [],
        { } sequence when sequence.Text("type") == "Sequence" => sequence.List(list).SelectMany(inner => Flat(inner, list)),
        { } single => [single],
    };
}
