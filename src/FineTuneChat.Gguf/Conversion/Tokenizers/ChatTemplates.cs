using System.Text;
using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>How conversations are written: one template, or several with names, of which <c>default</c> is the one.</summary>
internal static class ChatTemplates
{
    private const string Key = "tokenizer.chat_template", Default = "default";

    public static void Write(HuggingFaceFolder folder, GgufMetadata metadata)
    {
        // As transformers: a file of its own goes before the entry.
        if (folder.Bytes("chat_template.jinja") is { } file)
            metadata.Set(Key, Encoding.UTF8.GetString(file));
        else if ((folder.Json("tokenizer_config.json")?.Find("chat_template") ?? folder.Json("chat_template.json")?.Find("chat_template")) is { } entry)
            Write(entry, metadata);
    }

    private static void Write(JsonElement entry, GgufMetadata metadata)
    {
        if (entry.ValueKind == JsonValueKind.String)
        {
            metadata.Set(Key, entry.GetString()!);
            return;
        }

        var others = new List<string>();
        foreach (JsonElement named in entry.ValueKind == JsonValueKind.Array ? entry.EnumerateArray() : [])
        {
            if (named.Text("name") is not { Length: > 0 } name || named.Text("template") is not { } template)
                continue;
            string plain = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
            metadata.Set(name == Default ? Key : $"{Key}.{plain}", template);
            if (name != Default)
                others.Add(plain);
        }

        if (others.Count > 0)
            metadata.Set("tokenizer.chat_templates", others.ToArray());
    }
}
