using System.Diagnostics;

namespace FineTuneChat.Protocol.Telemetry;

/// <summary>A verb that the gateway starts for a run: its span belongs to the run's trace, which the environment names as W3C's header does.</summary>
internal sealed class VerbTrace : IDisposable
{
    private const string Variable = "TRACEPARENT";
    private static readonly string[] Steps = ["train", "export", "evaluate"]; // of a run; they end

    private readonly IDisposable _sending;
    private readonly Activity? _span;

    private VerbTrace(string verb, ActivityContext parent)
    {
        _sending = Otlp.OfVerb(verb);
        _span = Instruments.Source.StartActivity(verb, ActivityKind.Internal, parent);
    }

    /// <summary>Hands the trace on to a process that is about to start.</summary>
    public static ProcessStartInfo Pass(ProcessStartInfo start)
    {
        if (Activity.Current is { Recorded: true } span)
            start.Environment[Variable] = span.Id;
        return start;
    }

    /// <summary>Null where nobody is to get it.</summary>
    public static VerbTrace? Begin(string verb) =>
        Otlp.IsWanted && Steps.Contains(verb)
        && ActivityContext.TryParse(Environment.GetEnvironmentVariable(Variable), null, isRemote: true, out ActivityContext parent)
            ? new VerbTrace(verb, parent)
            : null;

    /// <summary>Returns when it has left.</summary>
    public void Dispose()
    {
        _span?.Dispose();
        _sending.Dispose();
    }
}
