namespace FineTuneChat.Gguf.Models;

/// <summary>Whether a model's tokeniser is whole: llama.cpp stops the process for some faults, for a few only when a certain text comes.</summary>
internal static class TokenizerCheck
{
    private const int MaxTokens = 1 << 22;
    private const int ByteType = 6; // LLAMA_TOKEN_TYPE_BYTE

    /// <summary>Id of the beginning and the end of a sequence where the file does not say, by <c>tokenizer.ggml.model</c>.</summary>
    private static readonly Dictionary<string, (int? Bos, int? Eos)> Kinds = new(StringComparer.Ordinal)
    {
        ["llama"] = (1, 2),
        ["gpt2"] = (11, 11),
        ["bert"] = (101, null),
        ["t5"] = (null, 1),
        ["rwkv"] = (null, null),
        ["plamo2"] = (1, 2),
        ["gemma4"] = (1, 1),
        ["hybriddna"] = (11, 11),
        ["whitespace"] = (11, 11),
        ["none"] = (null, null),
        ["no_vocab"] = (null, null),
    };

    public static void Require(GgufFile file)
    {
        string kind = file.Metadata.Text("tokenizer.ggml.model") ?? throw Fault(file, "tokenizer.ggml.model is missing");
        if (!Kinds.ContainsKey(kind))
            throw Fault(file, $"tokenizer.ggml.model is '{kind}'; one of {string.Join(", ", Kinds.Keys)} is allowed");
        if (kind is "none" or "no_vocab")
            throw Fault(file, "it has no vocabulary, so it can read no text");
        string[] tokens = Array<string>(file, "tokens") ?? throw Fault(file, "tokenizer.ggml.tokens is missing");
        RequireTokens(file, tokens);
        RequireTypes(file, kind, tokens);
        RequireMerges(file);
        RequireEnds(file, kind, tokens.Length);
        if (kind is "llama" or "plamo2")
            RequireBytes(file, tokens, mayBePlain: kind == "llama");
    }

    /// <summary>llama.cpp stops when two tokens are alike; it reads texts up to their first zero byte, and names empty ones itself.</summary>
    private static void RequireTokens(GgufFile file, string[] tokens)
    {
        if (tokens.Length is 0 or > MaxTokens)
            throw Fault(file, $"tokenizer.ggml.tokens has {tokens.Length} tokens; 1 to {MaxTokens} are allowed");
        var seen = new HashSet<string>(tokens.Length, StringComparer.Ordinal);
        for (int i = 0; i < tokens.Length; i++)
        {
            string read = tokens[i].Contains('\0', StringComparison.Ordinal) ? tokens[i][..tokens[i].IndexOf('\0', StringComparison.Ordinal)] : tokens[i];
            if (!seen.Add(read.Length > 0 ? read : $"[EMPTY_{i}]"))
                throw Fault(file, $"token {i}, '{read}', appears twice in its vocabulary");
        }
    }

    private static void RequireTypes(GgufFile file, string kind, string[] tokens)
    {
        foreach (string entry in (string[])["scores", "token_type"])
        {
            if (file.Metadata.TryGet($"tokenizer.ggml.{entry}", out object? value) && value is not (int[] or float[]))
                throw Fault(file, $"tokenizer.ggml.{entry} is no array of 32-bit numbers");
            if (value is Array array && array.Length < tokens.Length)
                throw Fault(file, $"tokenizer.ggml.{entry} has {array.Length} entries for {tokens.Length} tokens");
        }

        if (file.Metadata.Array<float>("tokenizer.ggml.scores") is { } scores && scores.Any(float.IsNaN))
            throw Fault(file, "tokenizer.ggml.scores has entries that are no numbers");
        if (file.Metadata.Array<int>("tokenizer.ggml.token_type") is not { } types || kind == "rwkv")
            return;
        int wrong = Enumerable.Range(0, tokens.Length).FirstOrDefault(i => types[i] == ByteType && ByteOf(tokens[i]) is null, defaultValue: -1);
        if (wrong >= 0)
            throw Fault(file, $"token {wrong}, '{tokens[wrong]}', is marked as a byte; such a token is written '<0x41>'");
        if (kind == "bert" && types.Contains(ByteType))
            throw Fault(file, "a vocabulary of word pieces has no bytes");
    }

    private static void RequireMerges(GgufFile file)
    {
        if (!file.Metadata.Contains("tokenizer.ggml.merges"))
            return;
        string[] merges = Array<string>(file, "merges") ?? throw Fault(file, "tokenizer.ggml.merges is no array of texts");
        for (int i = 0; i < merges.Length; i++)
        {
            int middle = merges[i].Length > 1 ? merges[i].IndexOf(' ', 1) : -1; // the first part may be a space
            if (middle < 0 || middle == merges[i].Length - 1 || merges[i].Contains('\0', StringComparison.Ordinal))
                throw Fault(file, $"merge {i}, '{merges[i]}', is no pair of texts with a space between");
        }
    }

    /// <summary>A tokeniser that adds a token at the beginning or the end must have it: llama.cpp stops when it tokenises the first text.</summary>
    private static void RequireEnds(GgufFile file, string kind, int count)
    {
        (int? bos, int? eos) = Kinds[kind];
        RequireEnd("add_bos_token", "bos_token_id", bos, adds: kind is "llama" or "bert" or "gpt2"); // of the last, some add it unasked
        RequireEnd("add_eos_token", "eos_token_id", eos, adds: kind == "t5");

        void RequireEnd(string flag, string id, int? usual, bool adds)
        {
            if (file.Metadata.TryGet($"tokenizer.ggml.{flag}", out object? value))
                adds = value as bool? ?? throw Fault(file, $"tokenizer.ggml.{flag} is neither true nor false");
            if (adds && !IsToken(file.Metadata.Integer($"tokenizer.ggml.{id}")) && !IsToken(usual))
                throw Fault(file, $"tokenizer.ggml.{flag} asks for a token, but tokenizer.ggml.{id} is not one of the {count} tokens");
        }

        bool IsToken(long? token) => token >= 0 && token < count;
    }

    /// <summary>Text that no token covers is written byte by byte: a missing byte ends the process when a text has it.</summary>
    private static void RequireBytes(GgufFile file, string[] tokens, bool mayBePlain)
    {
        var have = new bool[256];
        foreach (string token in tokens)
        {
            if (ByteOf(token) is { } value)
                have[value] = true;
            else if (mayBePlain && token.Length == 1 && token[0] < 128)
                have[token[0]] = true;
        }

        int missing = System.Array.IndexOf(have, false);
        if (missing >= 0)
            throw Fault(file, $"its vocabulary has no token for the byte {missing}, '<0x{missing:X2}>'");
    }

    private static byte? ByteOf(string token) =>
        token is ['<', '0', 'x', var high, var low, '>'] && IsUpperHex(high) && IsUpperHex(low) ? Convert.ToByte(token[3..5], 16) : null;

    private static bool IsUpperHex(char c) => c is (>= '0' and <= '9') or (>= 'A' and <= 'F');

    private static T[]? Array<T>(GgufFile file, string entry) => file.Metadata.Array<T>($"tokenizer.ggml.{entry}");

    private static GgufException Fault(GgufFile file, string reason) => new(file.Path, reason);
}
