// Prints the size of every struct that the bindings declare and the offset of each field, one per line: "struct.field offset".
// Made layout.txt: gcc -I llama.cpp/include -I llama.cpp/ggml/include layout.c -o layout && ./layout > layout.txt
// with the headers of the release in NativeLibraries.RequiredVersion.
#include <stddef.h>
#include <stdio.h>
#include "llama.h"

typedef struct llama_model_params model_params;
typedef struct llama_context_params context_params;
#define SIZE(name, type) printf(name " %zu\n", sizeof(type))
#define AT(name, type, field) printf(name "." #field " %zu\n", offsetof(type, field))

int main(void) {
    SIZE("llama_model_params", model_params);
#define F(f) AT("llama_model_params", model_params, f);
    F(devices) F(tensor_buft_overrides) F(n_gpu_layers) F(split_mode) F(load_mode) F(lazy_mode) F(main_gpu) F(tensor_split)
    F(progress_callback) F(progress_callback_user_data) F(kv_overrides) F(vocab_only) F(check_tensors) F(use_extra_bufts)
    F(no_host) F(no_alloc) F(load_mtp)
#undef F
    SIZE("llama_context_params", context_params);
#define F(f) AT("llama_context_params", context_params, f);
    F(n_ctx) F(n_batch) F(n_ubatch) F(n_seq_max) F(n_rs_seq) F(n_outputs_max) F(n_outputs_max_per_seq) F(n_threads)
    F(n_threads_batch) F(ctx_type) F(rope_scaling_type) F(pooling_type) F(attention_type) F(flash_attn_type) F(rope_freq_base)
    F(rope_freq_scale) F(yarn_ext_factor) F(yarn_attn_factor) F(yarn_beta_fast) F(yarn_beta_slow) F(yarn_orig_ctx)
    F(defrag_thold) F(cb_eval) F(cb_eval_user_data) F(type_k) F(type_v) F(abort_callback) F(abort_callback_data) F(embeddings)
    F(offload_kqv) F(no_perf) F(op_offload) F(swa_full) F(kv_unified) F(samplers) F(n_samplers) F(ctx_other)
#undef F
    SIZE("llama_batch", llama_batch);
#define F(f) AT("llama_batch", llama_batch, f);
    F(n_tokens) F(token) F(embd) F(pos) F(n_seq_id) F(seq_id) F(logits)
#undef F
    SIZE("llama_model_quantize_params", llama_model_quantize_params);
#define F(f) AT("llama_model_quantize_params", llama_model_quantize_params, f);
    F(nthread) F(ftype) F(output_tensor_type) F(token_embedding_type) F(allow_requantize) F(quantize_output_tensor) F(only_copy)
    F(pure) F(keep_split) F(dry_run) F(imatrix) F(kv_overrides) F(tt_overrides) F(prune_layers) F(max_buf_size)
#undef F
    SIZE("llama_model_imatrix_data", struct llama_model_imatrix_data);
#define F(f) AT("llama_model_imatrix_data", struct llama_model_imatrix_data, f);
    F(name) F(data) F(size)
#undef F
    SIZE("llama_model_kv_override", struct llama_model_kv_override);
#define F(f) AT("llama_model_kv_override", struct llama_model_kv_override, f);
    F(tag) F(key) F(val_i64)
#undef F
    SIZE("llama_logit_bias", llama_logit_bias);
#define F(f) AT("llama_logit_bias", llama_logit_bias, f);
    F(token) F(bias)
#undef F
    SIZE("llama_token_data", llama_token_data);
#define F(f) AT("llama_token_data", llama_token_data, f);
    F(id) F(logit) F(p)
#undef F
    SIZE("llama_token_data_array", llama_token_data_array);
#define F(f) AT("llama_token_data_array", llama_token_data_array, f);
    F(data) F(size) F(selected) F(sorted)
#undef F
    SIZE("llama_sampler_chain_params", llama_sampler_chain_params);
    AT("llama_sampler_chain_params", llama_sampler_chain_params, no_perf);
    return 0;
}
