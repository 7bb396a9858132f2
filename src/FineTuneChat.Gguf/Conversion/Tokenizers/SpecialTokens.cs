using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>Which tokens begin, end and fill sequences, and which of them are added unasked.</summary>
internal static class SpecialTokens
{
    /// <summary>Names at Hugging Face and in GGUF files.</summary>
    private static readonly (string Theirs, string Ours)[] Kinds =
        [("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("sep", "seperator"), ("pad", "padding"), ("cls", "cls"), ("mask", "mask")];

    public static void Write(HuggingFaceFolder folder, ModelConfig config, TokenizerJson? tokenizer, TokenList tokens, GgufMetadata metadata)
    {
        JsonElement own = folder.Json("tokenizer_config.json") ?? default, map = folder.Json("special_tokens_map.json") ?? default,
            generation = folder.Json("generation_config.json") ?? default;
        foreach (var (theirs, ours) in Kinds)
        {
            int? id = tokens.Find(Named(own, theirs) ?? Named(map, theirs)) ?? Numbered(config.Find($"{theirs}_token_id"))
                ?? Numbered(generation.Find($"{theirs}_token_id"));
            if (id >= 0 && id < tokens.Texts.Length)
                metadata.Set($"tokenizer.ggml.{ours}_token_id", (uint)id);
        }

        WriteAdded("bos", first: true);
        WriteAdded("eos", first: false);

        // What tokenizer_config.json says goes before what the template does; of byte-level tokenizers without either, nothing is added.
        void WriteAdded(string kind, bool first)
        {
            bool isKnown = metadata.Integer($"tokenizer.ggml.{kind}_token_id") is { };
            bool? adds = own.Flag($"add_{kind}_token") ?? Adds(tokenizer, Named(own, kind) ?? Named(map, kind), first);
            if (adds is null && tokenizer is { HasByteFallback: false })
                adds = false;
            if (adds is { } known)
                metadata.Set($"tokenizer.ggml.add_{kind}_token", known && isKnown);
        }
    }

    /// <summary>Whether the post-processor's template begins, or ends, with the token; null: it says nothing of that end.</summary>
    private static bool? Adds(TokenizerJson? tokenizer, string? token, bool first)
    {
        foreach (JsonElement template in tokenizer?.PostProcessors.Where(p => p.Text("type") == "TemplateProcessing") ?? [])
        {
            JsonElement[] single = [.. template.List("single")];
            if (single.Length > 1 && (first ? single[0] : single[^1]).Find("SpecialToken")?.Text("id") is { } added)
                return token is null || added == token;
        }

        return null;
    }

    private static string? Named(JsonElement config, string kind) =>
        config.Text($"{kind}_token") ?? config.Find($"{kind}_token")?.Text("content");

    /// <summary>A number, or the first of several.</summary>
    private static int? Numbered(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int id) => id,
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 => Numbered(list[0]),
        _ => null,
    };
}
