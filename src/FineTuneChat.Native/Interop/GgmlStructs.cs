using System.Runtime.InteropServices;

namespace FineTuneChat.Native.Interop;

/// <summary>struct ggml_tensor (336 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ggml_tensor
{
    public int type;
    public nint buffer;
    public fixed long ne[4];
    public fixed ulong nb[4];
    public int op;
    public fixed int op_params[16];
    public int flags;
    public fixed long src[10];
    public ggml_tensor* view_src;
    public nuint view_offs;
    public void* data;
    public fixed byte name[64];
    public nint extra;
    public long padding;
}

/// <summary>struct ggml_init_params (24 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ggml_init_params
{
    public nuint mem_size;
    public nint mem_buffer;
    public byte no_alloc;
}

/// <summary>struct ggml_threadpool_params (528 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ggml_threadpool_params
{
    public fixed byte cpumask[512];
    public int n_threads;
    public int prio;
    public uint poll;
    public byte strict_cpu;
    public byte paused;
}

/// <summary>struct ggml_type_traits: how a type is laid out and read.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ggml_type_traits
{
    public byte* type_name;
    public long blck_size;
    public long blck_size_interleave;
    public nuint type_size;
    public byte is_quantized;
    public delegate* unmanaged[Cdecl]<void*, float*, long, void> to_float;
    public delegate* unmanaged[Cdecl]<float*, void*, long, void> from_float_ref;
}
