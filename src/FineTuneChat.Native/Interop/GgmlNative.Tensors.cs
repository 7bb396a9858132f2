using System.Runtime.InteropServices;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Interop;

/// <summary>ggml.h: contexts, tensors, operations, graphs, exported by libggml-base. A wrong shape aborts the process: callers check first.</summary>
internal static unsafe partial class GgmlNative
{
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_init(ggml_init_params parameters);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_free(nint context);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nuint ggml_tensor_overhead();

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nuint ggml_graph_overhead_custom(nuint size, byte gradients);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_type_traits* ggml_get_type_traits(int type);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_new_tensor_4d(nint context, int type, long ne0, long ne1, long ne2, long ne3);

    [LibraryImport(NativeLibraries.GgmlBase, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ggml_tensor* ggml_set_name(ggml_tensor* tensor, string name);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_set_input(ggml_tensor* tensor);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_set_output(ggml_tensor* tensor);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_add(nint context, ggml_tensor* a, ggml_tensor* b);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_add_inplace(nint context, ggml_tensor* a, ggml_tensor* b);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_mul(nint context, ggml_tensor* a, ggml_tensor* b);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_scale(nint context, ggml_tensor* a, float factor);

    /// <summary>factor · a + summand.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_scale_bias(nint context, ggml_tensor* a, float factor, float summand);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_sub(nint context, ggml_tensor* a, ggml_tensor* b);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_div(nint context, ggml_tensor* a, ggml_tensor* b);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_sqr(nint context, ggml_tensor* a);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_sqrt(nint context, ggml_tensor* a);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_log(nint context, ggml_tensor* a);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_tanh(nint context, ggml_tensor* a);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_sigmoid(nint context, ggml_tensor* a);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_sum_rows(nint context, ggml_tensor* a);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_argmax(nint context, ggml_tensor* a);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_transpose(nint context, ggml_tensor* a);

    /// <summary>Dimension i of <paramref name="a"/> becomes dimension axis i of the view.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_permute(nint context, ggml_tensor* a, int axis0, int axis1, int axis2, int axis3);

    /// <summary>a [k, m], b [k, n] → [m, n]; dimensions 2 and 3 of b are multiples of those of a.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_mul_mat(nint context, ggml_tensor* a, ggml_tensor* b);

    /// <summary>10 = sums in F32.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_mul_mat_set_prec(ggml_tensor* product, int precision);

    /// <summary>softmax(scale · a + mask) of every row; the mask may be null.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_soft_max_ext(nint context, ggml_tensor* a, ggml_tensor* mask, float scale, float maxBias);

    /// <summary>Overwrites rows of <paramref name="target"/>, of which the result is a view.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_set_rows(nint context, ggml_tensor* target, ggml_tensor* rows, ggml_tensor* indices);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_get_rows_back(nint context, ggml_tensor* gradient, ggml_tensor* rows, ggml_tensor* shape);

    /// <summary>The result is a view of <paramref name="to"/>.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_cpy(nint context, ggml_tensor* from, ggml_tensor* to);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_rms_norm(nint context, ggml_tensor* a, float epsilon);

    /// <summary>The header's comment has the arguments swapped: the gradient comes first.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_rms_norm_back(nint context, ggml_tensor* gradient, ggml_tensor* x, float epsilon);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_swiglu_split(nint context, ggml_tensor* gate, ggml_tensor* up);

    /// <summary>On the CPU gelu is read from a table of 16-bit floats.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_geglu_split(nint context, ggml_tensor* gate, ggml_tensor* up);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_get_rows(nint context, ggml_tensor* table, ggml_tensor* rows);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_concat(nint context, ggml_tensor* a, ggml_tensor* b, int dimension);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_reshape_4d(nint context, ggml_tensor* a, long ne0, long ne1, long ne2, long ne3);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_cont(nint context, ggml_tensor* a);

    /// <summary>Strides and offset in bytes.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_view_4d(
        nint context, ggml_tensor* a, long ne0, long ne1, long ne2, long ne3, nuint nb1, nuint nb2, nuint nb3, nuint offset);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_rope_ext(
        nint context, ggml_tensor* a, ggml_tensor* positions, ggml_tensor* frequencyFactors, int dimensions, int mode, int originalContext,
        float frequencyBase, float frequencyScale, float extFactor, float attnFactor, float betaFast, float betaSlow);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_rope_ext_back(
        nint context, ggml_tensor* a, ggml_tensor* positions, ggml_tensor* frequencyFactors, int dimensions, int mode, int originalContext,
        float frequencyBase, float frequencyScale, float extFactor, float attnFactor, float betaFast, float betaSlow);

    /// <summary>A node computed by a callback on ggml's threads; never placed over its sources.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_custom_4d(
        nint context, int type, long ne0, long ne1, long ne2, long ne3, ggml_tensor** sources, int sourceCount,
        delegate* unmanaged[Cdecl]<ggml_tensor*, int, int, void*, void> function, int tasks, void* userData);

    /// <summary>As <see cref="ggml_custom_4d"/>, but the result is a view of <paramref name="a"/>; the sources follow it in <c>src</c>.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_custom_inplace(
        nint context, ggml_tensor* a, ggml_tensor** sources, int sourceCount,
        delegate* unmanaged[Cdecl]<ggml_tensor*, int, int, void*, void> function, int tasks, void* userData);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_new_graph_custom(nint context, nuint size, byte gradients);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_build_forward_expand(nint graph, ggml_tensor* tensor);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nuint ggml_nbytes(ggml_tensor* tensor);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial int ggml_graph_n_nodes(nint graph);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_tensor* ggml_graph_node(nint graph, int i);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_graph_add_node(nint graph, ggml_tensor* tensor);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_graph_clear(nint graph);

    /// <summary>Name of the operation; a static string.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial byte* ggml_op_desc(ggml_tensor* tensor);

    /// <summary>Encodes rows of floats as <paramref name="type"/>; returns the bytes written.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nuint ggml_quantize_chunk(int type, float* source, void* destination, long start, long rows, long perRow, float* importance);
}
