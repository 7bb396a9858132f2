namespace FineTuneChat.Gguf.Conversion;

/// <summary>What Hugging Face calls the parts of a decoder: the one table that conversion and PEFT's files go by.</summary>
public static class HuggingFaceNames
{
    private static readonly Dictionary<string, string> Modules = new(StringComparer.Ordinal)
    {
        ["attn_norm"] = "input_layernorm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_qkv"] = "self_attn.qkv_proj",
        ["attn_q_norm"] = "self_attn.q_norm",
        ["attn_k_norm"] = "self_attn.k_norm",
        ["attn_output"] = "self_attn.o_proj",
        ["ffn_norm"] = "post_attention_layernorm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
    };

    /// <summary>Where a layer's parts are normed twice, the norm after attention is another one.</summary>
    private static readonly Dictionary<string, string> OfPostNorms = new(StringComparer.Ordinal)
    {
        ["post_attention_norm"] = "post_attention_layernorm",
        ["ffn_norm"] = "pre_feedforward_layernorm",
        ["post_ffw_norm"] = "post_feedforward_layernorm",
    };

    private static readonly Dictionary<string, string> Outside = new(StringComparer.Ordinal)
    {
        ["token_embd"] = "model.embed_tokens",
        ["output_norm"] = "model.norm",
        ["output"] = "lm_head",
    };

    /// <summary>What a layer's part is called among an adapter's targets, e.g. <c>q_proj</c> of <c>attn_q</c>.</summary>
    /// <param name="part">Its GGUF name without layer and ending.</param>
    public static string TargetOf(string part) => Modules[part][(Modules[part].LastIndexOf('.') + 1)..];

    /// <summary>The module of a weight outside the layers, e.g. <c>model.norm</c> of <c>output_norm</c>.</summary>
    /// <param name="part">Its GGUF name without ending.</param>
    public static string Of(string part) => Outside[part];

    /// <summary>The module of a layer's weight, e.g. <c>model.layers.3.self_attn.q_proj</c> of <c>attn_q</c>; null: it has none.</summary>
    /// <param name="layer">The layer's number.</param>
    /// <param name="part">The weight's GGUF name without layer and ending.</param>
    /// <param name="architecture">What is special about it.</param>
    public static string? Of(int layer, string part, HuggingFaceArchitecture architecture)
    {
        string? module = architecture.IsFused && part == "ffn_up" ? "mlp.gate_up_proj"
            : architecture.PostNorms && OfPostNorms.TryGetValue(part, out string? other) ? other
            : Modules.GetValueOrDefault(part);
        return module is null ? null : $"model.layers.{layer}.{module}";
    }
}
