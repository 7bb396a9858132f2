using System.Text.Json;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>
/// Parameters that OpenAI documents, or other servers take, and that change nothing here: hints, and what this server does not have. A client that
/// sends them gets its reply. What nobody knows may be a slip of the pen, and is an error.
/// </summary>
internal static class IgnoredParameters
{
    private static readonly HashSet<string> Names =
    [
        // OpenAI
        "audio", "prediction", "verbosity", "web_search_options", "prompt_cache_retention", "prompt_cache_options", "moderation", "safety_identifier",
        "prompt_cache_key", "service_tier", "store", "metadata",

        // Ollama
        "keep_alive", "options", "raw", "template", "truncate", "shift", "images", "context",

        // LM Studio
        "ttl", "draft_model", "context_length",

        // llama-server
        "id_slot", "slot_id", "n_keep", "n_probs", "min_keep", "samplers", "timings_per_token", "return_progress", "return_tokens",
        "post_sampling_probs", "response_fields", "t_max_predict_ms", "reasoning_format", "reasoning_in_content", "thinking_forced_open",
        "parse_tool_calls", "penalize_nl", "dynatemp_range", "dynatemp_exponent", "top_n_sigma", "tfs_z", "speculative.n_min", "speculative.p_min",
        "sse_ping_interval",

        // vLLM, SGLang, TGI
        "add_generation_prompt", "add_special_tokens", "skip_special_tokens", "spaces_between_special_tokens", "include_stop_str_in_output",
        "stop_token_ids", "min_tokens", "use_beam_search", "length_penalty", "early_stopping", "truncate_prompt_tokens", "prompt_logprobs", "priority",
        "request_id", "return_token_ids", "return_tokens_as_token_ids", "guided_decoding_backend", "guided_whitespace_pattern", "kv_transfer_params",
        "cache_salt", "mm_processor_kwargs", "media_io_kwargs", "vllm_xargs", "separate_reasoning", "stream_reasoning", "no_stop_trim", "documents",
        "include_reasoning", "chat_template_content_format", "normalize", "prompt_name",

        // OpenRouter, Azure, and other hosts of models
        "provider", "route", "models", "transforms", "plugins", "top_a", "usage", "data_sources", "safe_prompt", "prompt_mode", "search_parameters",
        "search_settings", "citation_options", "compound_custom", "disable_tool_validation", "safety_model", "context_length_exceeded_behavior",
        "perf_metrics_in_response", "raw_output", "prompt_truncate_len", "deferred", "input_type", "extra_body", "extra_headers", "allowed_openai_params",

        // text-generation-webui
        "mode", "instruction_template", "character", "preset", "truncation_length", "auto_max_new_tokens", "ban_eos_token", "add_bos_token",
    ];

    private static readonly HashSet<string> OfStreams = ["continuous_usage_stats", "include_obfuscation"];

    /// <exception cref="OpenAiException">400: a parameter that nobody knows.</exception>
    public static void RefuseOthers(IReadOnlyDictionary<string, JsonElement>? parameters)
    {
        if (parameters?.Keys.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
            throw OpenAiException.UnknownParameter(unknown);
    }

    /// <inheritdoc cref="RefuseOthers"/>
    public static void RefuseOthersOfStream(IReadOnlyDictionary<string, JsonElement>? options)
    {
        if (options?.Keys.FirstOrDefault(name => !OfStreams.Contains(name)) is { } unknown)
            throw OpenAiException.UnknownParameter($"stream_options.{unknown}");
    }
}
