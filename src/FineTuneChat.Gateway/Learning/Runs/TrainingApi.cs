using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary><c>/api/training</c>: what waits, what runs, what came of earlier runs; start and cancel.</summary>
internal static class TrainingApi
{
    private const int RecentRuns = 10;

    public static void MapTraining(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/training").WithTags("Learning").RequireScope(Scopes.Train);
        group.MapGet("", Get).WithSummary("The policy and why it does (not) train now, what waits, the run in progress, the last runs");
        group.MapPatch("", ChangeAsync).WithSummary("Whether it trains by itself").Takes(typeof(TrainingChange)).Stores()
            .Refuses(StatusCodes.Status400BadRequest);
        group.MapPost("start", StartAsync).WithSummary("Trains now").Takes(typeof(StartRequest), isOptional: true).Stores()
            .Refuses(StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity);
        group.MapPost("cancel", Cancel).WithSummary("Ends the run within one micro-batch").Refuses(StatusCodes.Status409Conflict);
        group.MapGet("runs", ListRuns).WithSummary("Runs").Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("runs/{id}", GetRun).WithSummary("A run with its loss curve, the gate's figures and reasons").Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<TrainingState> Get(
        Assistant assistant, RetrainingWorker worker, RetrainingService service, RunStore runs, ExampleStore examples, RetrainingSettings settings,
        AutomaticSwitch automatic)
    {
        Run? current = worker.Of(assistant.Id);
        Waiting waiting = examples.CountWaiting(assistant.Id);
        Reason reason = service.Decide(assistant.Id, waiting).Reason;
        return ApiJson.Result(new TrainingState
        {
            Policy = new(automatic.IsOn(assistant.Id), settings.MinNewExamples, reason.Text, reason.Code),
            Waiting = waiting with { Contradictions = examples.CountContradictions(assistant.Id) },
            Run = current,
            Runs = [.. runs.List(assistant.Id, new ListQuery(RecentRuns, After: null)).Data.Select(r => r.Id == current?.Id ? current : r)],
        }, RunsJson.Wire.TrainingState);
    }

    private static async Task<JsonAnswer<TrainingState>> ChangeAsync(
        HttpRequest request, Assistant assistant, RetrainingWorker worker, RetrainingService service, RunStore runs, ExampleStore examples,
        RetrainingSettings settings, AutomaticSwitch automatic, CancellationToken cancellation)
    {
        TrainingChange change = await RequestReader.ReadAsync(request, RunsJson.Wire.TrainingChange);
        if (change.Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(change.Unknown.Keys.First());
        bool isOn = change.Automatic ?? throw OpenAiException.InvalidRequest("Give 'automatic': true or false.", "automatic");
        await automatic.SetAsync(assistant.Id, isOn);
        await service.ConsiderAsync();
        return Get(assistant, worker, service, runs, examples, settings, automatic);
    }

    private static async Task<JsonAnswer<Run>> StartAsync(HttpRequest request, Assistant assistant, RetrainingWorker worker, CancellationToken cancellation)
    {
        StartRequest start = request.ContentLength is null or 0 && !request.Headers.TransferEncoding.Any()
            ? new StartRequest()
            : await RequestReader.ReadAsync(request, RunsJson.Wire.StartRequest);
        if (start.Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(start.Unknown.Keys.First());
        return ApiJson.Result(await worker.StartAsync(assistant, start.Options), RunsJson.Wire.Run);
    }

    private static JsonAnswer<Run> Cancel(Assistant assistant, RetrainingWorker worker) => ApiJson.Result(worker.Cancel(assistant.Id), RunsJson.Wire.Run);

    private static JsonAnswer<ListPage<Run>> ListRuns(Assistant assistant, RunStore runs, string? limit, string? after) =>
        ApiJson.Result(runs.List(assistant.Id, ListQuery.Of(limit, after)), RunsJson.Wire.ListPageRun);

    private static JsonAnswer<Run> GetRun(string id, Caller caller, RunStore runs, RetrainingWorker worker)
    {
        Run run = worker.Find(id) is { } found && caller.MayAsk(found.Assistant) ? found : throw OpenAiException.NotFound("run", id);
        return ApiJson.Result(run with { Curve = runs.Curve(id) }, RunsJson.Wire.Run);
    }
}
