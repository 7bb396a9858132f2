using System.Collections;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FineTuneChat.Protocol.Telemetry;

/// <summary>
/// Traces and metrics for an OTLP receiver, where one is named. Every process of ours finds its address in the standard variables, which children inherit.
/// Where none is named, OpenTelemetry is not even loaded.
/// </summary>
internal static class Otlp
{
    private const string Variables = "OTEL_", Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    public static bool IsWanted => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Endpoint));

    /// <summary>Makes the setting this process's variables, and so its children's.</summary>
    /// <exception cref="UserException">It is no address.</exception>
    public static void Use(TelemetrySettings settings)
    {
        if (settings.Endpoint.Length == 0)
            return;
        if (!Uri.TryCreate(settings.Endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw new UserException($"Telemetry:Endpoint is '{settings.Endpoint}', but must be an address such as http://localhost:4317.");
        Environment.SetEnvironmentVariable(Endpoint, settings.Endpoint);
        Environment.SetEnvironmentVariable(Protocol, settings.Protocol);
    }

    /// <summary>Sends what this server does, where somebody is to get it.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="process">Which of ours it is.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder, string process)
    {
        if (IsWanted)
            Add(builder, process);
    }

    /// <summary>Sends what a verb does until this is disposed; then all of it has left.</summary>
    public static IDisposable OfVerb(string verb) => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => Describe(resource, verb)).AddSource(Instruments.Name).AddOtlpExporter().Build();

    private static void Add(WebApplicationBuilder builder, string process)
    {
        // an engine's host reads no environment
        builder.Configuration.AddInMemoryCollection(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value))
            .Where(entry => entry.Key.StartsWith(Variables, StringComparison.Ordinal)));
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, process))
            .WithTracing(traces => traces.AddSource(Instruments.Name).AddOtlpExporter()
                .AddAspNetCoreInstrumentation(requests => requests.Filter = http => IsWork(http.Request.Path)))
            .WithMetrics(metrics => metrics.AddMeter(Instruments.Name).AddOtlpExporter());
    }

    private static void Describe(ResourceBuilder resource, string process) =>
        resource.AddService($"finetunechat-{process}", serviceVersion: typeof(Otlp).Assembly.GetName().Version?.ToString(fieldCount: 3));

    /// <summary>Not those who only look whether it is there, nor the page's files.</summary>
    private static bool IsWork(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/api");
}
