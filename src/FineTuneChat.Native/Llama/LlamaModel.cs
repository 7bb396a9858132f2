using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>
/// A GGUF model in memory. Read-only after loading: contexts, adapters and threads may share it. They keep the weights alive; dispose it all the same.
/// </summary>
public sealed unsafe class LlamaModel : IDisposable
{
    private const int LoadAuto = -1, LoadNone = 0, LoadMmap = 1, LoadMlock = 2, LoadMmapMlock = 3; // enum llama_load_mode

    private LlamaModel(ModelHandle handle, string path, ModelShape? shape, RopeOptions rope)
    {
        Handle = handle;
        Path = path;
        Shape = shape;
        Rope = rope;
        Vocabulary = new Vocabulary(handle);
    }

    /// <summary>The file it was loaded from.</summary>
    public string Path { get; }

    /// <summary>Sizes, as its file states them; null for a vocabulary-only load.</summary>
    public ModelShape? Shape { get; }

    /// <summary>Tokens and tokeniser.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Context length that the model was trained for, in tokens. 0 for a vocabulary-only load.</summary>
    public int TrainedContextLength => LlamaNative.llama_model_n_ctx_train(Handle);

    /// <summary>Width of the residual stream.</summary>
    public int EmbeddingLength => LlamaNative.llama_model_n_embd(Handle);

    /// <summary>Numbers that a reranker gives a text, the first of which counts.</summary>
    public int ScoreCount => (int)LlamaNative.llama_model_n_cls_out(Handle);

    /// <summary>Number of decoder layers.</summary>
    public int LayerCount => LlamaNative.llama_model_n_layer(Handle);

    /// <summary>Number of weights.</summary>
    public long ParameterCount => (long)LlamaNative.llama_model_n_params(Handle);

    /// <summary>Size of all tensors in bytes.</summary>
    public long SizeInBytes => (long)LlamaNative.llama_model_size(Handle);

    /// <summary>llama.cpp's words for it, as in "llama 1B Q8_0".</summary>
    public string Description => Read((buffer, size) => LlamaNative.llama_model_desc(Handle, buffer, size)) ?? "";

    /// <summary>Whether it can generate text; encoders (BERT and the like) cannot.</summary>
    public bool HasDecoder => LlamaNative.llama_model_has_decoder(Handle);

    /// <summary>
    /// Whether a sequence may share the first tokens of another (<see cref="LlamaContext.Share"/>). Recurrent models keep one state, not one
    /// for each token; those with an attention window forget what lies before it.
    /// </summary>
    public bool CanSharePrefixes =>
        !LlamaNative.llama_model_is_recurrent(Handle) && !LlamaNative.llama_model_is_hybrid(Handle) && LlamaNative.llama_model_n_swa(Handle) == 0;

    /// <summary>Whether the last tokens of a sequence can be forgotten (<see cref="LlamaContext.Forget"/>). Recurrent models keep one state for all.</summary>
    public bool CanForgetLast => !LlamaNative.llama_model_is_recurrent(Handle) && !LlamaNative.llama_model_is_hybrid(Handle);

    /// <summary>The Jinja chat template of the file; null when it carries none.</summary>
    public string? ChatTemplate => Marshal.PtrToStringUTF8((nint)LlamaNative.llama_model_chat_template(Handle, null));

    /// <summary>The file's other template, for conversations with tools; null when it carries none.</summary>
    public string? ToolUseTemplate => Template("tool_use\0"u8);

    /// <summary>How a reranker reads a query and a document, with <c>{query}</c> and <c>{document}</c>; null when the file carries no such template.</summary>
    public string? RerankTemplate => Template("rerank\0"u8);

    internal ModelHandle Handle { get; }

    internal RopeOptions Rope { get; }

    /// <summary>Loads a GGUF file, after <see cref="ModelFile.Check"/>.</summary>
    /// <param name="path">The file; of a split model, the first part.</param>
    /// <param name="options">How to load; defaults when null.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="GgufException">It is damaged, no language model, or hostile.</exception>
    /// <exception cref="LlamaException">
    /// An option is out of range, or llama.cpp cannot load it: an unknown architecture, or out of memory. Its log says which.
    /// </exception>
    public static LlamaModel Load(string path, ModelOptions? options = null) =>
        File.Exists(path) ? Load(ModelFile.Open(path), options) : throw new FileNotFoundException($"There is no model file {path}.", path);

    /// <summary>As <see cref="Load(string, ModelOptions?)"/>, of a file whose header was read already.</summary>
    /// <param name="file">From <see cref="ModelFile.Open"/>.</param>
    /// <param name="options">How to load; defaults when null.</param>
    /// <param name="progress">Told how much of the weights is there, from 0 to 1.</param>
    public static LlamaModel Load(GgufFile file, ModelOptions? options = null, Action<float>? progress = null)
    {
        options ??= new ModelOptions();
        RopeOptions rope = options.Rope;
        rope.Require();
        ModelShape? shape = options.VocabularyOnly ? null : ModelFile.Check(file);
        if (shape is null)
            ModelFile.CheckVocabulary(file);

        llama_model_params parameters = LlamaNative.llama_model_default_params();
        parameters.n_gpu_layers = options.GpuLayers ?? -1;
        parameters.load_mode = (options.MemoryMap, options.LockMemory) switch
        {
            (true, false) => LoadMmap,
            (true, true) => LoadMmapMlock,
            (false, true) => LoadMlock,
            (false, false) => LoadNone,
            (null, true) => LoadMmapMlock,
            (null, false) => LoadAuto,
        };
        parameters.vocab_only = options.VocabularyOnly ? (byte)1 : (byte)0;
        parameters.use_extra_bufts = options.RepackWeights ? (byte)1 : (byte)0;
        parameters.check_tensors = options.CheckTensors ? (byte)1 : (byte)0;

        // llama.cpp takes the long factors where the cache is larger than the original context: larger than 1 every cache is, than the greatest number none.
        // The second entry is empty: it ends the list.
        llama_model_kv_override* overrides = stackalloc llama_model_kv_override[2];
        if (RopeFactors.AreLong(file, rope.ServedContext) is { } areLong)
        {
            Encoding.UTF8.GetBytes(RopeFactors.OriginalContextKey(file), new Span<byte>(overrides[0].key, llama_model_kv_override.KeyBytes - 1));
            overrides[0].val_i64[0] = areLong ? 1 : int.MaxValue;
            rope = rope with { OriginalContext = rope.OriginalContext ?? (int?)RopeFactors.OriginalContext(file) }; // YaRN would begin at the number above
            parameters.kv_overrides = (nint)overrides;
        }

        nint model;
        using (var listener = new GCHandle<Action<float>>(progress ?? (_ => { })))
        {
            parameters.progress_callback = &Report;
            parameters.progress_callback_user_data = (void*)GCHandle<Action<float>>.ToIntPtr(listener);
            model = LlamaNative.llama_model_load_from_file(file.Path, parameters);
        }
        return model != 0
            ? new LlamaModel(new ModelHandle(model), file.Path, shape, rope)
            : throw new LlamaException(
                $"llama.cpp cannot load {file.Path}: it is damaged, no language model, of an unknown architecture, or too large for memory.");
    }

    /// <summary>Called by llama.cpp while it loads, on the same thread.</summary>
    /// <returns>1: go on.</returns>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte Report(float share, void* listener)
    {
        try
        {
            GCHandle<Action<float>>.FromIntPtr((nint)listener).Target(share);
        }
        catch
        {
            // native code has no way to pass it on; what cannot be told is no reason not to load
        }
        return 1;
    }

    /// <summary>A scalar of the file's metadata as text, as in <c>Metadata("general.name")</c>; null when it is absent or an array.</summary>
    public string? Metadata(string key) => Read((buffer, size) => LlamaNative.llama_model_meta_val_str(Handle, key, buffer, size));

    /// <summary>As <see cref="Metadata(string)"/>, as a number; null when it is absent or none.</summary>
    public double? MetadataNumber(string key) =>
        double.TryParse(Metadata(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <param name="name">Of one beside the usual template, with a zero at its end.</param>
    private string? Template(ReadOnlySpan<byte> name)
    {
        fixed (byte* first = name)
            return Marshal.PtrToStringUTF8((nint)LlamaNative.llama_model_chat_template(Handle, first));
    }

    /// <summary>Calls a function of snprintf's kind, a second time when the text is longer than the first buffer.</summary>
    private static string? Read(ReadText read)
    {
        const int FirstRoom = 256;
        byte* room = stackalloc byte[FirstRoom];
        int length = read(room, FirstRoom);
        if (length < 0)
            return null;
        if (length < FirstRoom)
            return Encoding.UTF8.GetString(room, length);

        var longRoom = new byte[length + 1];
        fixed (byte* buffer = longRoom)
            _ = read(buffer, (nuint)longRoom.Length);
        return Encoding.UTF8.GetString(longRoom, 0, length);
    }

    private delegate int ReadText(byte* buffer, nuint size);
}
