using System.Text;
using System.Text.Json.Nodes;

namespace FineTuneChat.Tests.Gateway.Fuzz;

/// <summary>Valid JSON made wrong: other types, other values, keys more, less, twice; then the text itself.</summary>
internal static class JsonMutator
{
    /// <summary>Values as JSON text; some are none.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "\"\"", "\"a\"", "0", "-0", "-1", "1", "2", "0.5", "-1e-9", "129", "2048", "65536",
        "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
        "99999999999999999999999999999999", "1e308", "1e309", "-1e309", "1e-400", "1.7976931348623157e308",
        "[]", "{}", "[[]]", "[{}]", "[null]", "{\"\":null}", "[1,\"a\",null,{}]", "[0]", "[-1]", "[259]", "[260]", "[1e9]", "[\"\"]",
        "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\uD83D\\uDE00\"", "\"😀\"",
        "\"<|im_start|>\"", "\"assistant@0\"", "\"assistant@999\"", "\"../../etc/passwd\"", "\"system\"", "\"required\"", "\"json_object\"", "\"base64\"",
        "NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "0x10", "'a'", "undefined",
        "//", "/* */ 1", "\"\\x\"", "\"\t\"", "\"\u0001\"", "tru", "[1,]", "{\"a\":1,}", "{\"a\" 1}",
        """{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"string","pattern":"(a|b|c){0,1000}"}}}""",
        """{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"string","pattern":".*a.{20}"}}}""",
        """{"type":"json_schema","json_schema":{"name":"a","schema":{"enum":["x","y"]}}}""",
        """{"type":"json_schema","json_schema":{"name":"a","schema":{"$ref":"#"}}}""",
        """{"type":"json_schema","json_schema":{"name":"a","schema":{"minLength":1e9}}}""",
        """[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"not":{}}}},"strict":true}}]""",
        """{"type":"function","function":{"name":"f"}}""", """[{"role":"tool","content":"a","tool_call_id":"c"}]""",
        """[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{"}}]}]""",
        """{"include_usage":true}""", """{"1":-100,"258":100}""", """{"999999":1}""", """{"a":1}""",
    ];

    private static readonly string[] Keys =
    [
        "model", "messages", "role", "content", "prompt", "input", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens",
        "temperature", "top_p", "stop", "logit_bias", "logprobs", "top_logprobs", "tools", "tool_choice", "response_format",
        "seed", "store", "metadata", "echo", "suffix", "best_of", "dimensions", "encoding_format", "user", "mirostat", "dry_multiplier",
        "chat_template_kwargs", "completion_id", "rating", "correction", "tokens", "with_pieces", "nonsense", "", "Model", "__proto__",
    ];

    public static byte[] Mutate(string json, Random random)
    {
        JsonNode root = JsonNode.Parse(json)!;
        var raw = new List<string>(); // what no JsonNode can hold stands as a mark until the end
        for (int changes = random.Next(1, 4); changes > 0; changes--)
            Change(root, random, raw);
        string text = root.ToJsonString();
        foreach ((int i, string value) in raw.Index())
            text = text.Replace($"\"@{i}@\"", value, StringComparison.Ordinal);
        return Damage(text, random);
    }

    private static void Change(JsonNode root, Random random, List<string> raw)
    {
        List<JsonNode> containers = [];
        Collect(root, containers);
        JsonNode chosen = containers[random.Next(containers.Count)];
        JsonNode value = Value(random, raw);
        if (chosen is JsonObject map)
        {
            string key = map.Count > 0 && random.Next(3) > 0 ? map.GetAt(random.Next(map.Count)).Key : Keys[random.Next(Keys.Length)];
            if (random.Next(5) == 0)
                map.Remove(key);
            else
                map[key] = value;
        }
        else if (chosen is JsonArray list)
        {
            int at = random.Next(list.Count + 1);
            if (at < list.Count && random.Next(2) == 0)
                list[at] = value;
            else
                list.Insert(at, value);
        }
    }

    private static JsonNode Value(Random random, List<string> raw)
    {
        raw.Add(random.Next(20) switch
        {
            0 => Nested("[", "]", random.Next(1, 2000)),
            1 => Nested("{\"a\":", "}", random.Next(1, 200), "1"),
            2 => $"\"{new string((char)random.Next('a', 'z'), random.Next(1, 5000))}\"",
            3 => $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 300)).Select(_ => Values[random.Next(20)]))}]",
            _ => Values[random.Next(Values.Length)],
        });
        return JsonValue.Create($"@{raw.Count - 1}@");
    }

    private static string Nested(string open, string close, int depth, string inner = "") =>
        string.Concat(Enumerable.Repeat(open, depth)) + inner + string.Concat(Enumerable.Repeat(close, depth));

    private static void Collect(JsonNode node, List<JsonNode> containers)
    {
        if (node is JsonObject map)
        {
            containers.Add(node);
            foreach ((_, JsonNode? value) in map.Where(p => p.Value is not null))
                Collect(value!, containers);
        }
        else if (node is JsonArray list)
        {
            containers.Add(node);
            foreach (JsonNode? value in list.Where(v => v is not null))
                Collect(value!, containers);
        }
    }

    private static byte[] Damage(string text, Random random)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        switch (random.Next(24))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (int i = random.Next(1, 6); i > 0; i--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 2:
                int at = random.Next(bytes.Length);
                byte[] invalid = random.Next(4) switch { 0 => [0xC3], 1 => [0xED, 0xA0, 0x80], 2 => [0xF8, 0x88, 0x80, 0x80, 0x80], _ => [0xFF, 0xFE] };
                return [.. bytes[..at], .. invalid, .. bytes[at..]];
            case 3:
                return [0xEF, 0xBB, 0xBF, .. bytes];
            case 4:
                return random.Next(2) == 0 ? Encoding.Unicode.GetBytes(text) : Encoding.UTF32.GetBytes(text);
            case 5:
                return [.. bytes, .. bytes];
            case 6:
                return [.. Encoding.UTF8.GetBytes(new string(' ', random.Next(10_000)) + "\r\n\t"), .. bytes, .. "\n\n"u8];
            case 7:
                return Encoding.UTF8.GetBytes(Nested("[", random.Next(2) == 0 ? "]" : "", random.Next(1, 100_000)));
            case 8:
                return [];
            case 9:
                string twice = text.Length > 3 && text[1] == '"'
                    ? text[1..(text.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon ? colon : 2)] + ":1,"
                    : "";
                return Encoding.UTF8.GetBytes(text.Insert(1, twice));
            default:
                return bytes;
        }
    }
}
