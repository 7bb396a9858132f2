using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Learning.Distillation;

/// <summary>A teacher while it is used: where it is a model of this machine, its engine runs as long.</summary>
internal sealed class TeacherSession(Teacher teacher, Func<ValueTask> end) : IAsyncDisposable
{
    private static readonly Uri OwnEngine = new("http://localhost/v1");

    public Teacher Teacher { get; } = teacher;

    /// <summary>The server that the settings name.</summary>
    public static TeacherSession OfServer(TeacherSettings settings) =>
        new(new Teacher(new Uri(settings.Url), settings.Model, settings.Key), () => ValueTask.CompletedTask);

    /// <summary>A model of this machine, by the running server.</summary>
    /// <param name="engines">Where it runs.</param>
    /// <param name="model">Its id.</param>
    /// <param name="cancellation">Gives up waiting for it.</param>
    /// <param name="thinks">Whether it may think before it replies.</param>
    /// <param name="role">What messages call it.</param>
    /// <exception cref="TeacherException">It is not there, or does not start.</exception>
    public static async Task<TeacherSession> OfRouterAsync(
        EngineRouter engines, string model, CancellationToken cancellation, bool thinks = true, string role = "teacher")
    {
        EngineLease? lease = null;
        try
        {
            lease = engines.Acquire(Caller.Local, model);
            IRunningEngine process = await lease.ProcessAsync(cancellation);
            return new TeacherSession(OfEngine(process.Client, lease.Specification.Alias, thinks, role), () =>
            {
                lease.Dispose();
                return ValueTask.CompletedTask;
            });
        }
        catch (Exception e)
        {
            lease?.Dispose();
            if (e is Protocol.OpenAi.OpenAiException)
                throw new TeacherException($"The {role} {model} does not start: {e.Message}", e) { IsHopeless = true };
            throw;
        }
    }

    /// <summary>A model of this machine in an engine of its own, without a server.</summary>
    /// <exception cref="TeacherException">It does not start.</exception>
    public static async Task<TeacherSession> OfFileAsync(LocalModel model, EngineSettings settings, ILogger logger, CancellationToken cancellation)
    {
        try
        {
            EngineAlone engine = await EngineAlone.StartAsync(model, settings, logger, cancellation);
            return new TeacherSession(OfEngine(engine.Client, model.Name), engine.DisposeAsync);
        }
        catch (EngineException e)
        {
            throw new TeacherException(e.Message, e) { IsHopeless = true };
        }
    }

    public ValueTask DisposeAsync() => end();

    private static Teacher OfEngine(HttpClient engine, string alias, bool thinks = true, string role = "teacher") =>
        new(OwnEngine, alias, "", engine, role) { Thinks = thinks };
}
