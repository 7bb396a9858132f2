using System.Globalization;
using System.Text;

namespace FineTuneChat.Tests.Gateway.Fuzz;

/// <summary>A request as bytes.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="IsHttp">
/// Whether it keeps HTTP's own rules: then whatever is refused is refused in OpenAI's words; otherwise the HTTP server may answer
/// by itself.
/// </param>
/// <param name="EndsThere">Whether it may promise more than it has.</param>
internal sealed record MutatedRequest(byte[] Bytes, bool IsHttp, bool EndsThere);

/// <summary>Requests of every kind, changed by chance; the same seed makes the same.</summary>
internal static class RequestMutator
{
    private static readonly (string Method, string Path, string? Body)[] Valid =
    [
        ("POST", "/v1/chat/completions",
            """{"model":"assistant","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"max_tokens":2,"temperature":0}"""),
        ("POST", "/v1/chat/completions",
            """{"model":"assistant","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]"""
            + ""","max_completion_tokens":2,"stream":true,"stream_options":{"include_usage":true},"n":2,"stop":["x"],"seed":1,"store":false}"""),
        ("POST", "/v1/chat/completions",
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":3,"logprobs":true,"top_logprobs":2,"top_p":0.9,"top_k":20,"min_p":0.1"""
            + ""","presence_penalty":0.1,"frequency_penalty":0.1,"repeat_penalty":1.1,"logit_bias":{"65":1},"metadata":{"a":"b"}}"""),
        ("POST", "/v1/chat/completions",
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":3"""
            + ""","response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true"""
            + ""","schema":{"type":"object","properties":{"a":{"enum":["x","y"]},"b":{"type":"array","items":{"type":"integer","minimum":1}}}"""
            + ""","required":["a"],"additionalProperties":false}}}}"""),
        ("POST", "/v1/chat/completions",
            """{"messages":[{"role":"user","content":"Hi"}"""
            + """,{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}"""
            + """,{"role":"tool","tool_call_id":"c1","content":"ok"}],"max_tokens":3"""
            + ""","tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}]"""
            + ""","tool_choice":"required","parallel_tool_calls":false,"stream":true}"""),
        ("POST", "/v1/completions", """{"model":"assistant","prompt":["one","two"],"max_tokens":2,"n":2,"echo":true,"stream":false,"stop":"z"}"""),
        ("POST", "/v1/completions",
            """{"prompt":[1,2,3],"max_tokens":2,"logprobs":2,"stream":true,"mirostat":2,"dry_multiplier":0.5,"xtc_probability":0.1,"typical_p":0.9}"""),
        ("POST", "/v1/messages",
            """{"model":"assistant","max_tokens":2,"system":[{"type":"text","text":"Be brief."}],"tools":[{"name":"f","input_schema":{"type":"object"}}]"""
            + ""","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm."}"""
            + """,{"type":"tool_use","id":"c1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"ok"}]}]"""
            + ""","tool_choice":{"type":"auto","disable_parallel_tool_use":true},"thinking":{"type":"enabled"},"stop_sequences":["x"],"top_k":5}"""),
        ("POST", "/v1/messages/count_tokens", """{"messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"f","input_schema":{"type":"object"}}]}"""),
        ("POST", "/v1/responses",
            """{"model":"assistant","max_output_tokens":2,"instructions":"Be brief.","input":[{"role":"user","content":[{"type":"input_text","text":"Hi"}]}"""
            + """,{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"Hm."}]},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}"""
            + """,{"type":"function_call_output","call_id":"c1","output":"ok"}],"tools":[{"type":"function","name":"f","parameters":{"type":"object"}}]"""
            + ""","tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]},"text":{"format":{"type":"text"}},"metadata":{"a":"b"}}"""),
        ("POST", "/api/chat",
            """{"model":"assistant","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}]}"""
            + """,{"role":"tool","tool_name":"f","content":"ok"}],"options":{"num_predict":2,"temperature":0,"stop":["x"]},"think":false,"format":"","tools":[]}"""),
        ("POST", "/api/generate", """{"model":"assistant","prompt":"Hi","system":"a","options":{"num_predict":2},"raw":false,"stream":false,"format":{"type":"object"}}"""),
        ("POST", "/api/create", """{"model":"none","from":"nobody","system":"a","parameters":{"temperature":0.5,"stop":["x"]}}"""),
        ("POST", "/api/create", """{"model":"none","modelfile":"FROM nobody\nSYSTEM \"\"\"a\nb\"\"\"\nPARAMETER stop x"}"""),
        ("POST", "/api/show", """{"model":"assistant"}"""), ("POST", "/api/embed", """{"model":"assistant","input":["a"],"dimensions":8}"""),
        ("POST", "/completion", """{"prompt":[1,2],"n_predict":2,"top_k":3,"stop":["x"],"json_schema":null}"""),
        ("POST", "/infill", """{"input_prefix":"a","input_suffix":"b","input_extra":[{"filename":"c","text":"d"}],"n_predict":2}"""),
        ("POST", "/rerank", """{"query":"a","documents":["b","c"],"top_n":1}"""),
        ("POST", "/api/v0/chat/completions", """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":2,"ttl":3}"""),
        ("POST", "/v1/embeddings", """{"model":"assistant","input":["a","b"],"encoding_format":"base64","dimensions":8}"""),
        ("POST", "/v1/embeddings", """{"input":[[1,2],[3]]}"""),
        ("POST", "/tokenize", """{"content":"Hi","add_special":true,"parse_special":false,"with_pieces":true}"""),
        ("POST", "/detokenize", """{"tokens":[72,105]}"""),
        ("POST", "/apply-template", """{"messages":[{"role":"user","content":"Hi"}],"add_generation_prompt":true,"tools":[]}"""),
        ("POST", "/api/feedback", """{"completion_id":"chatcmpl-none","rating":"down","correction":"better","comment":"why"}"""),
        ("POST", "/v1/chat/completions/chatcmpl-none", """{"metadata":{"rating":"up"}}"""),
        ("PATCH", "/api/dataset/ex_none", """{"status":"accepted","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"""),
        ("PATCH", "/api/conversations/none", """{"title":"a"}"""),
        ("GET", "/v1/responses/none", null), ("DELETE", "/v1/responses/none", null), ("GET", "/api/tags", null), ("GET", "/slots", null),
        ("GET", "/v1/models", null), ("GET", "/v1/models/assistant", null), ("GET", "/v1/models/a/b:c", null),
        ("GET", "/health", null), ("GET", "/props", null), ("GET", "/metrics", null),
        ("GET", "/v1/chat/completions?limit=2&order=asc&metadata[a]=b", null), ("GET", "/v1/chat/completions/none", null),
        ("GET", "/v1/chat/completions/none/messages", null), ("DELETE", "/v1/chat/completions/none", null),
        ("GET", "/api/conversations?q=a&limit=2", null), ("GET", "/api/conversations/none", null),
        ("DELETE", "/api/conversations/none", null), ("GET", "/api/dataset?status=accepted&limit=1", null),
        ("GET", "/api/training", null), ("GET", "/api/training/runs", null), ("GET", "/api/training/runs/none", null),
        ("GET", "/api/versions", null), ("GET", "/api/versions/0", null),
    ];

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"];
    private static readonly string[] PathParts =
    [
        "/", "//", "/..", "/%2e%2e/", "/%2F", "/%00", "/%", "/%zz", "/é", "/%C3%A9", "/%FF", "?limit=-1", "?limit=99999999999999999999",
        "?limit=a&limit=2", "?after=%00", "?q=%22%27--", "?model=nobody", "?model=%ED%A0%80", "&&&=", "?", "#a", "/api", "/v1",
    ];
    private static readonly string[] ContentTypes =
    [
        "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/json; charset=utf-16", "application/json; charset=nonsense",
        "application/problem+json", "text/plain", "text/json", "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded", "", ";", "application/json;;", "*/*",
    ];
    private static readonly string[] Headers =
    [
        "X-Conversation-Id: chat-1", "X-Conversation-Id: ../x", "X-Conversation-Id: ", "Authorization: Bearer none", "Authorization: ",
        "Authorization: Basic !!", "X-Api-Key: a", "Origin: null", "Origin: http://evil.example", "Origin: ://", "Origin: http://127.0.0.1:x",
        "Sec-Fetch-Site: cross-site", "Accept: text/event-stream", "Accept-Encoding: gzip, br, nonsense", "Content-Encoding: gzip", "Expect: 100-continue",
        "Range: bytes=0-1", "If-None-Match: *", "Cookie: a=b; =; ;", "Upgrade: websocket", "Connection: Upgrade",
        "Connection: close", "Content-Language: \u00e9", "X-Nothing:",
    ];

    private static readonly string[] Hosts =
    [
        "localhost", "127.0.0.1", "[::1]", "[::1]:1", "evil.example", "127.0.0.1:99999999", "127.0.0.1:",
        "1", "0", "a.localhost", "LOCALHOST", ".", "127.0.0.1.evil.example",
    ];

    public static MutatedRequest Next(int seed)
    {
        var random = new Random(seed);
        (string method, string path, string? json) = Valid[random.Next(Valid.Length)];
        byte[] body = json is null ? [] : random.Next(10) == 0 ? Encoding.UTF8.GetBytes(json) : JsonMutator.Mutate(json, random);
        string type = json is null ? "" : "Content-Type: application/json\r\n", host = "127.0.0.1", more = "";
        bool isHttp = true, endsThere = false;
        for (int twists = random.Next(1, 3); twists > 0; twists--)
        {
            switch (json is null ? random.Next(8) : random.Next(30))
            {
                case 0:
                    method = Methods[random.Next(Methods.Length)];
                    break;
                case 1:
                case 2:
                    string part = PathParts[random.Next(PathParts.Length)];
                    path = random.Next(3) switch { 0 => path + part, 1 => part + path, _ => path.Insert(random.Next(1, path.Length), part) };
                    isHttp &= path.StartsWith('/') && !path.Contains('%', StringComparison.Ordinal)
                        && path.All(char.IsAscii) && !path.Contains('#', StringComparison.Ordinal);
                    break;
                case 3:
                    type = $"Content-Type: {ContentTypes[random.Next(ContentTypes.Length)]}\r\n";
                    break;
                case 4:
                case 5:
                    string header = Headers[random.Next(Headers.Length)];
                    more += header + "\r\n";
                    isHttp &= header.All(char.IsAscii);
                    break;
                case 6:
                    host = Hosts[random.Next(Hosts.Length)];
                    isHttp = false; // a Host that is no host is the HTTP server's to refuse
                    break;
                case 7:
                    isHttp = false;
                    more += random.Next(5) switch
                    {
                        0 => $"X-Long: {new string('a', 40_000)}\r\n",
                        1 => string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: a\r\n")),
                        2 => "No colon here\r\n",
                        3 => "Content-Length: 3\r\n",
                        _ => "Transfer-Encoding: chunked, gzip\r\n",
                    };
                    endsThere = true;
                    break;
            }
        }
        string length = json is null && body.Length == 0 ? "" : $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n";
        if (json is not null && random.Next(60) == 0)
        {
            length = $"Content-Length: {body.Length + random.Next(1, 100)}\r\n"; // promises more than comes
            (isHttp, endsThere) = (false, true);
        }
        byte[] head = Encoding.UTF8.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{type}{length}{more}\r\n");
        return new MutatedRequest([.. head, .. body], isHttp, endsThere);
    }
}
