using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>Writes values as lines of JSON straight into the response's pipe.</summary>
internal sealed class NdjsonWriter
{
    private readonly PipeWriter _pipe;

    /// <summary>Sets the headers: from here on the reply is a stream, and the status 200.</summary>
    public NdjsonWriter(HttpResponse response)
    {
        response.ContentType = "application/x-ndjson";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold the lines back
        _pipe = response.BodyWriter;
    }

    public void Write<T>(T value, JsonTypeInfo<T> type)
    {
        _pipe.Write(JsonSerializer.SerializeToUtf8Bytes(value, type));
        _pipe.Write("\n"u8);
    }
}
