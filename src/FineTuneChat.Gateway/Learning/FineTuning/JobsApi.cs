using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>OpenAI's <c>/v1/fine_tuning/jobs</c>: a job brings its file into the dataset, and is then a run like any other.</summary>
internal static class JobsApi
{
    public static void MapFineTuning(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/fine_tuning/jobs").WithTags("OpenAI").RequireScope(Scopes.Train);
        group.MapPost("", AddAsync).WithSummary("Learns an uploaded file").Takes(typeof(JobRequest)).Stores().Refuses(StatusCodes.Status404NotFound);
        group.MapGet("", List).WithSummary("Fine-tuning jobs").Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{id}", Get).WithSummary("A fine-tuning job").Refuses(StatusCodes.Status404NotFound);
        group.MapGet("{id}/events", Events).WithSummary("What happened to a job, newest first")
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
        group.MapGet("{id}/checkpoints", Checkpoints).WithSummary("Models of a job that can be asked")
            .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
        group.MapPost("{id}/cancel", CancelAsync).WithSummary("Ends a job").Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapPost("{id}/pause", PauseAsync).WithSummary("Pauses a job; it holds its place")
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapPost("{id}/resume", ResumeAsync).WithSummary("Goes on with a paused job")
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static async Task<JsonAnswer<FineTuningJob>> AddAsync(
        HttpRequest http, Caller caller, AssistantRegistry assistants, JobStore jobs, UploadedFiles files, JobWorker worker, JobDesk desk)
    {
        JobRequest request = await RequestReader.ReadAsync(http, FineTuningJson.Wire.JobRequest);
        request.Validate();
        Assistant learner = Learner(assistants.SeenBy(caller), request.Model);
        files.Require(caller, request.TrainingFile!);
        if (request.ValidationFile is { } validation)
            files.Require(caller, validation);
        foreach (string further in GuestOrder.Of(request.Metadata)?.Files.Values ?? [])
            files.Require(caller, further);
        JobRecord job = await jobs.AddAsync(learner.Id, request);
        worker.Wake();
        return Answer(desk.View(job), desk);
    }

    /// <summary>By its id, that of its version 0, or its base's name, which is that of the first one that has it.</summary>
    private static Assistant Learner(IReadOnlyList<Assistant> seen, string? model)
    {
        (string Name, Assistant Learner)[] known =
        [
            .. seen.SelectMany(a => ((string[])[a.Id, AssistantNames.Versioned(a.Id, 0)]).Select(name => (name, a))),
            .. seen.Where(a => a.Problem is null).Select(a => (a.Base.Name, a)),
        ];
        return known.FirstOrDefault(k => k.Name == model).Learner ?? throw OpenAiException.ModelNotFound(model, known.Select(k => k.Name).Distinct());
    }

    private static JsonAnswer<ListPage<FineTuningJob>> List(Caller caller, JobStore jobs, JobDesk desk, string? limit, string? after)
    {
        ListQuery page = ListQuery.Of(limit, after);
        return ApiJson.Result(
            ListPage<FineTuningJob>.Of([.. jobs.List(caller, page).Select(job => desk.View(job).ToJob(desk.Now))], page.Limit, j => j.Id),
            FineTuningJson.Wire.ListPageFineTuningJob);
    }

    private static JsonAnswer<FineTuningJob> Get(string id, Caller caller, JobDesk desk) => Answer(desk.Find(caller, id), desk);

    private static JsonAnswer<ListPage<JobEvent>> Events(string id, Caller caller, JobDesk desk, string? limit, string? after) =>
        ApiJson.Result(ListPage<JobEvent>.Of(desk.Events(caller, id), ListQuery.Of(limit, after), e => e.Id), FineTuningJson.Wire.ListPageJobEvent);

    private static JsonAnswer<ListPage<JobCheckpoint>> Checkpoints(string id, Caller caller, JobDesk desk, string? limit, string? after) =>
        ApiJson.Result(
            ListPage<JobCheckpoint>.Of(desk.Find(caller, id).Checkpoints(), ListQuery.Of(limit, after), c => c.Id), FineTuningJson.Wire.ListPageJobCheckpoint);

    private static async Task<JsonAnswer<FineTuningJob>> CancelAsync(string id, Caller caller, JobDesk desk) =>
        Answer(await desk.CancelAsync(caller, id), desk);

    private static async Task<JsonAnswer<FineTuningJob>> PauseAsync(string id, Caller caller, JobDesk desk) =>
        Answer(await desk.PauseAsync(caller, id, isPaused: true), desk);

    private static async Task<JsonAnswer<FineTuningJob>> ResumeAsync(string id, Caller caller, JobDesk desk) =>
        Answer(await desk.PauseAsync(caller, id, isPaused: false), desk);

    private static JsonAnswer<FineTuningJob> Answer(JobView view, JobDesk desk) => ApiJson.Result(view.ToJob(desk.Now), FineTuningJson.Wire.FineTuningJob);
}
