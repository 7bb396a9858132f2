using System.Runtime.InteropServices;

namespace FineTuneChat.Native.Interop;

/// <summary>struct llama_model_params (80 bytes). C's bool is one byte.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct llama_model_params
{
    public nint devices;
    public nint tensor_buft_overrides;
    public int n_gpu_layers;
    public int split_mode;
    public int load_mode;
    public int lazy_mode;
    public int main_gpu;
    public float* tensor_split;
    public delegate* unmanaged[Cdecl]<float, void*, byte> progress_callback;
    public void* progress_callback_user_data;
    public nint kv_overrides;
    public byte vocab_only;
    public byte check_tensors;
    public byte use_extra_bufts;
    public byte no_host;
    public byte no_alloc;
    public byte load_mtp;
}

/// <summary>struct llama_context_params (160 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct llama_context_params
{
    public uint n_ctx;
    public uint n_batch;
    public uint n_ubatch;
    public uint n_seq_max;
    public uint n_rs_seq;
    public uint n_outputs_max;
    public uint n_outputs_max_per_seq;
    public int n_threads;
    public int n_threads_batch;
    public int ctx_type;
    public int rope_scaling_type;
    public int pooling_type;
    public int attention_type;
    public int flash_attn_type;
    public float rope_freq_base;
    public float rope_freq_scale;
    public float yarn_ext_factor;
    public float yarn_attn_factor;
    public float yarn_beta_fast;
    public float yarn_beta_slow;
    public uint yarn_orig_ctx;
    public float defrag_thold;
    public nint cb_eval;
    public void* cb_eval_user_data;
    public int type_k;
    public int type_v;
    public nint abort_callback;
    public void* abort_callback_data;
    public byte embeddings;
    public byte offload_kqv;
    public byte no_perf;
    public byte op_offload;
    public byte swa_full;
    public byte kv_unified;
    public nint samplers;
    public nuint n_samplers;
    public nint ctx_other;
}

/// <summary>struct llama_batch (56 bytes): parallel arrays of n_tokens entries.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct llama_batch
{
    public int n_tokens;
    public int* token;
    public float* embd;
    public int* pos;
    public int* n_seq_id;
    public int** seq_id;
    public byte* logits;
}

/// <summary>struct llama_model_quantize_params (64 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct llama_model_quantize_params
{
    public int nthread;
    public int ftype;
    public int output_tensor_type;
    public int token_embedding_type;
    public byte allow_requantize;
    public byte quantize_output_tensor;
    public byte only_copy;
    public byte pure;
    public byte keep_split;
    public byte dry_run;
    public nint imatrix;
    public nint kv_overrides;
    public nint tt_overrides;
    public nint prune_layers;
    public nuint max_buf_size;
}

/// <summary>struct llama_model_imatrix_data (24 bytes): one matrix's importances; an array of them ends with a null name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct llama_model_imatrix_data
{
    public byte* name;
    public float* data;
    public nuint size;
}

/// <summary>struct llama_model_kv_override (264 bytes): an entry of the metadata in the place of the file's; an array of them ends with an empty key.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct llama_model_kv_override
{
    internal const int KeyBytes = 128;

    public int tag; // 0 = LLAMA_KV_OVERRIDE_TYPE_INT
    public fixed byte key[KeyBytes];
    public fixed long val_i64[16]; // a union; its longest member has 128 bytes
}

/// <summary>struct llama_logit_bias (8 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct llama_logit_bias
{
    public int token;
    public float bias;
}

/// <summary>struct llama_token_data (12 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct llama_token_data
{
    public int id;
    public float logit;
    public float p;
}

/// <summary>struct llama_token_data_array (32 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct llama_token_data_array
{
    public llama_token_data* data;
    public nuint size;
    public long selected;
    public byte sorted;
}

/// <summary>struct llama_sampler_chain_params (1 byte).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct llama_sampler_chain_params
{
    public byte no_perf;
}
