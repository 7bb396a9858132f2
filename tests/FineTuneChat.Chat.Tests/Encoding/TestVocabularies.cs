using FineTuneChat.Chat.Encoding;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Chat.Tests.Encoding;

/// <summary>
/// llama.cpp's own tokenisers over small vocabularies: byte-level BPE, and SentencePiece with its space before every text.
/// Where the shared folder is there, those of well-known models too.
/// </summary>
public sealed class TestVocabularies : IDisposable
{
    private const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Byte = 6; // llama.cpp's token types

    private static readonly string[] Controls = ["<|im_start|>", "<|im_end|>", "<|im_end|>x", "<|user|>", "<|end|>", "[INST]"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<LlamaModel> _models = [];
    private readonly Dictionary<(Vocabulary, string), ConversationEncoder> _encoders = [];

    public TestVocabularies()
    {
        NativeLibraries.Load();
        Bpe = Load(WriteBpe(_folder["bpe.gguf"]));
        SentencePiece = Load(WriteSentencePiece(_folder["spm.gguf"]));
        Dictionary<string, Vocabulary> all = new() { ["bpe"] = Bpe, ["spm"] = SentencePiece };
        const string Shared = "/work/shared/data/vocab";
        foreach (string file in Directory.Exists(Shared) ? Directory.GetFiles(Shared, "*.gguf") : [])
            all[Path.GetFileNameWithoutExtension(file)] = Load(file);
        All = all;
    }

    public Vocabulary Bpe { get; }

    /// <summary>Wants a BOS, and puts a space before every text.</summary>
    public Vocabulary SentencePiece { get; }

    public IReadOnlyDictionary<string, Vocabulary> All { get; }

    public static int Id(Vocabulary vocabulary, string text) =>
        Enumerable.Range(0, vocabulary.Count).First(id => System.Text.Encoding.UTF8.GetString(vocabulary.SpecialPieceOf(id)) == text);

    public static string? Text(Vocabulary vocabulary, int? token) =>
        token is { } id ? System.Text.Encoding.UTF8.GetString(vocabulary.SpecialPieceOf(id)) : null;

    public ConversationEncoder Encoder(Vocabulary vocabulary, string source)
    {
        if (!_encoders.TryGetValue((vocabulary, source), out ConversationEncoder? encoder))
        {
            var template = new ChatTemplate(source) { BosToken = Text(vocabulary, vocabulary.Bos), EosToken = Text(vocabulary, vocabulary.Eos) };
            _encoders[(vocabulary, source)] = encoder = new ConversationEncoder(template, vocabulary);
        }
        return encoder;
    }

    public void Dispose()
    {
        _models.ForEach(model => model.Dispose());
        _folder.Dispose();
    }

    private Vocabulary Load(string path)
    {
        var model = LlamaModel.Load(path, new ModelOptions { VocabularyOnly = true });
        _models.Add(model);
        return model.Vocabulary;
    }

    private static string WriteBpe(string path)
    {
        List<string> tokens = [];
        int next = 256;
        for (int b = 0; b < 256; b++)
            tokens.Add(((char)(b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? b : next++)).ToString());
        // Two newlines, and the beginnings of "hello": prompts that end where these begin are the hard cases.
        string[] merges = ["\u010A \u010A", "h e", "l l", "he ll", "hell o", "\u0120 hello", "\u0120 \u0120", "t \u010A"];
        tokens.AddRange(merges.Select(merge => merge.Replace(" ", "")));
        List<int> types = [.. tokens.Select(_ => Normal), Control, .. Controls.Select(_ => Control), UserDefined, UserDefined];
        tokens.AddRange(["<|endoftext|>", .. Controls, "<think>", "</think>"]);
        GgufWriter writer = NewWriter(tokens, types);
        writer.Metadata.Set("tokenizer.ggml.model", "gpt2");
        writer.Metadata.Set("tokenizer.ggml.pre", "qwen2");
        writer.Metadata.Set("tokenizer.ggml.merges", merges);
        writer.Metadata.Set("tokenizer.ggml.eos_token_id", (uint)tokens.IndexOf("<|im_end|>"));
        writer.Metadata.Set("tokenizer.ggml.add_bos_token", false);
        writer.Save(path);
        return path;
    }

    private static string WriteSentencePiece(string path)
    {
        List<string> tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>")];
        List<int> types = [Unknown, Control, Control, .. Enumerable.Repeat(Byte, 256)];
        string[] pieces = ["\u2581", "he", "ll", "hell", "hello", "\u2581hello", "\u2581\u2581", "\u2581a", .. Enumerable.Range(33, 94).Select(
            c => ((char)c).ToString())];
        tokens.AddRange(pieces);
        types.AddRange(pieces.Select(_ => Normal));
        tokens.AddRange([.. Controls, "<think>", "</think>"]);
        types.AddRange([.. Controls.Select(_ => Control), UserDefined, UserDefined]);
        GgufWriter writer = NewWriter(tokens, types);
        writer.Metadata.Set("tokenizer.ggml.model", "llama");
        writer.Metadata.Set("tokenizer.ggml.scores", tokens.Select((text, id) => -(float)id - 1 + (text.Length > 1 ? 1000 : 0)).ToArray());
        writer.Metadata.Set("tokenizer.ggml.bos_token_id", 1u);
        writer.Metadata.Set("tokenizer.ggml.eos_token_id", 2u);
        writer.Metadata.Set("tokenizer.ggml.unknown_token_id", 0u);
        writer.Metadata.Set("tokenizer.ggml.add_bos_token", true);
        writer.Metadata.Set("tokenizer.ggml.add_space_prefix", true);
        writer.Save(path);
        return path;
    }

    private static GgufWriter NewWriter(List<string> tokens, List<int> types)
    {
        var writer = new GgufWriter();
        writer.Metadata.Set("general.architecture", "llama");
        writer.Metadata.Set("llama.context_length", 512u);
        writer.Metadata.Set("llama.embedding_length", 64u);
        writer.Metadata.Set("llama.block_count", 1u);
        writer.Metadata.Set("llama.feed_forward_length", 64u);
        writer.Metadata.Set("llama.attention.head_count", 4u);
        writer.Metadata.Set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        writer.Metadata.Set("llama.vocab_size", (uint)tokens.Count);
        writer.Metadata.Set("tokenizer.ggml.tokens", tokens.ToArray());
        writer.Metadata.Set("tokenizer.ggml.token_type", types.ToArray());
        return writer;
    }
}
