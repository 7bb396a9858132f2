using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>A model's tokenizer as entries of a GGUF file.</summary>
internal static class TokenizerConversion
{
    private const string SentencePieceFile = "tokenizer.model", JsonFile = "tokenizer.json";

    /// <param name="folder">The model's.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="rows">Rows of its embedding.</param>
    /// <param name="metadata">Where to.</param>
    /// <param name="notes">What the user should know.</param>
    /// <exception cref="InvalidDataException">The tokenizer is damaged, or belongs to another model.</exception>
    /// <exception cref="NotSupportedException">llama.cpp has no such tokenizer.</exception>
    public static void Write(HuggingFaceFolder folder, ModelConfig config, int rows, GgufMetadata metadata, List<string> notes)
    {
        var tokens = new TokenList(rows);
        TokenizerJson? json = folder.Json(JsonFile) is { } root ? new TokenizerJson(folder.PathOf(JsonFile), root) : null;
        try
        {
            WriteOwn(folder, json, tokens, metadata, notes);
            AddTokens(folder, json, tokens);
            SpecialTokens.Write(folder, config, json, tokens, metadata);
            ChatTemplates.Write(folder, metadata);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{folder.Path}: its tokenizer's files are not what they should be ({e.Message.TrimEnd('.')}). Download them again.", e);
        }
        catch (IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{folder.Path}: its tokenizer has more tokens than the embedding has rows, {rows}: it belongs to another model, or "
                + "tokens were added without `resize_token_embeddings`.");
        }

        if (metadata.Text("tokenizer.ggml.model") != "gpt2")
            metadata.Set("tokenizer.ggml.scores", tokens.Scores);
        metadata.Set("tokenizer.ggml.tokens", tokens.Texts);
        metadata.Set("tokenizer.ggml.token_type", tokens.Types);
        if (tokens.WithoutRow.Count > 0)
            notes.Add($"{tokens.WithoutRow.Count} added tokens have no row in the embedding and are left out: {string.Join(", ", tokens.WithoutRow.Distinct().Take(3))}.");
    }

    private static void WriteOwn(HuggingFaceFolder folder, TokenizerJson? json, TokenList tokens, GgufMetadata metadata, List<string> notes)
    {
        JsonElement config = folder.Json("tokenizer_config.json") ?? default;
        if (config.Text("tokenizer_class") != "GPT2Tokenizer" && folder.Bytes(SentencePieceFile) is { } bytes)
        {
            SentencePieces.Write(SentencePieceModel.Parse(folder.PathOf(SentencePieceFile), bytes), tokens, metadata);
        }
        else if (json is null)
        {
            throw new FileNotFoundException($"{folder.Path} has no tokenizer: {JsonFile} or {SentencePieceFile} is needed."
                + (folder.Has("vocab.json") || folder.Has("tekken.json") ? " Save it with transformers' AutoTokenizer.from_pretrained(…).save_pretrained(…)." : ""));
        }
        else
        {
            json.RequireBpe();
            if (json.HasByteFallback)
                ByteFallbackBpe.Write(json, tokens, metadata);
            else
                ByteLevelBpe.Write(json, tokens, metadata, notes);
        }

        if (config.Flag("add_prefix_space") is { } prefix)
            metadata.Set("tokenizer.ggml.add_space_prefix", prefix);
    }

    /// <summary>Tokens beside the tokenizer's own, from three files; the last one goes before the others.</summary>
    private static void AddTokens(HuggingFaceFolder folder, TokenizerJson? json, TokenList tokens)
    {
        foreach (JsonProperty added in folder.Json("added_tokens.json")?.EnumerateObject() ?? default)
            tokens.Add(added.Value.GetInt32(), added.Name, isSpecial: false);
        foreach (JsonProperty added in folder.Json("tokenizer_config.json")?.Find("added_tokens_decoder")?.EnumerateObject() ?? default)
            tokens.Add(int.Parse(added.Name, System.Globalization.CultureInfo.InvariantCulture), added.Value.Text("content") ?? "", added.Value.Flag("special") == true);
        foreach (JsonElement added in json?.AddedTokens ?? [])
            tokens.Add(added.Integer("id") ?? -1, added.Text("content") ?? "", added.Flag("special") == true);
    }
}
