using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FineTuneChat.Protocol.Streams;

/// <summary>Writes server-sent events straight into the response's pipe.</summary>
internal sealed class SseWriter : IDisposable
{
    private readonly PipeWriter _pipe;
    private readonly Utf8JsonWriter _json;

    /// <summary>Sets the headers: from here on the reply is a stream, and the status 200.</summary>
    public SseWriter(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold the events back
        _pipe = response.BodyWriter;
        _json = new Utf8JsonWriter(_pipe, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    /// <param name="value">Becomes the event's data.</param>
    /// <param name="type">Its JSON.</param>
    /// <param name="name">The event's name, in dialects whose events have one.</param>
    public void Write<T>(T value, JsonTypeInfo<T> type, string? name = null)
    {
        if (name is not null)
            _pipe.Write(Encoding.UTF8.GetBytes($"event: {name}\n"));
        _pipe.Write("data: "u8);
        _json.Reset();
        JsonSerializer.Serialize(_json, value, type);
        _json.Flush();
        _pipe.Write("\n\n"u8);
    }

    /// <summary>A comment: clients ignore it.</summary>
    public void WriteComment() => _pipe.Write(": working\n\n"u8);

    public void WriteDone() => _pipe.Write("data: [DONE]\n\n"u8);

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellation) => _pipe.FlushAsync(cancellation);

    public void Dispose() => _json.Dispose();
}
