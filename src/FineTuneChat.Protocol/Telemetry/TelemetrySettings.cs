using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Protocol.Telemetry;

/// <summary>Section <c>Telemetry</c>: where traces and metrics are sent to.</summary>
internal sealed class TelemetrySettings
{
    public const string Section = "Telemetry";
    public const string Grpc = "grpc", Http = "http/protobuf";

    /// <summary>
    /// An OTLP receiver, such as http://localhost:4317; empty: the variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says, and without that nothing is sent.
    /// </summary>
    public string Endpoint { get; init; } = "";

    /// <summary>How <see cref="Endpoint"/> is spoken to: receivers take gRPC at port 4317, HTTP at 4318.</summary>
    [AllowedValues(Grpc, Http)]
    public string Protocol { get; init; } = Grpc;
}
