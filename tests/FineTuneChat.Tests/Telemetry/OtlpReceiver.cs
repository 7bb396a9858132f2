using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Tests.Telemetry;

/// <summary>A span as it was sent.</summary>
internal sealed record SentSpan(string Service, string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, object> Attributes);

/// <summary>A receiver of OTLP over HTTP: keeps all bytes, and reads of traces what tests ask for.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();
    public ConcurrentQueue<byte[]> Traces { get; } = [];
    public ConcurrentQueue<byte[]> Metrics { get; } = [];

    public IReadOnlyList<SentSpan> Spans => [.. Traces.SelectMany(Read)];

    /// <summary>Whether a text stands anywhere in what came.</summary>
    public bool Has(string text) => Traces.Concat(Metrics).Any(sent => sent.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    public static async Task<OtlpReceiver> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver._app.MapPost("/v1/traces", http => KeepAsync(http, receiver.Traces));
        receiver._app.MapPost("/v1/metrics", http => KeepAsync(http, receiver.Metrics));
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task KeepAsync(HttpContext http, ConcurrentQueue<byte[]> kept)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        kept.Enqueue(body.ToArray());
    }

    // The numbers are those of opentelemetry/proto/trace/v1/trace.proto.
    private static IEnumerable<SentSpan> Read(byte[] sent) =>
        from resource in Messages(sent, 1)
        let service = Attributes(Messages(resource, 1).Single(), 1)["service.name"]
        from scope in Messages(resource, 2)
        from span in Messages(scope, 2)
        select new SentSpan((string)service, Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), Attributes(span, 9));

    private static Dictionary<string, object> Attributes(byte[] message, int field) =>
        Messages(message, field).ToDictionary(pair => Text(pair, 1), pair => Value(Messages(pair, 2).Single()));

    private static object Value(byte[] value) => Fields(value).First() switch
    {
        (1, var text) => Encoding.UTF8.GetString(text),
        (3, var number) => BinaryPrimitives.ReadInt64LittleEndian(number),
        (_, var other) => other,
    };

    private static IEnumerable<byte[]> Messages(byte[] message, int field) => Fields(message).Where(f => f.Field == field).Select(f => f.Bytes);

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Messages(message, field).FirstOrDefault() ?? []);

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Messages(message, field).FirstOrDefault() ?? []);

    /// <summary>The fields of a protobuf message; numbers as eight bytes.</summary>
    private static List<(int Field, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Varint();
            fields.Add(((int)(tag >> 3), (tag & 7) switch
            {
                0 => BitConverter.GetBytes(Varint()),
                1 => Take(8),
                2 => Take((int)Varint()),
                5 => Take(4),
                var unknown => throw new InvalidDataException($"wire type {unknown}"),
            }));
        }
        return fields;

        byte[] Take(int count) => message[at..(at += count)];

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = message[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }
        }
    }
}
