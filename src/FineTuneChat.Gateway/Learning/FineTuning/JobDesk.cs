using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>What clients do with jobs: look at them, end them, pause them.</summary>
internal sealed class JobDesk(JobStore jobs, RunStore runs, RetrainingWorker worker, RunPause pause, JobWorker queue, TimeProvider time)
{
    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public JobView View(JobRecord job) =>
        new(job, job.RunId is { } run ? worker.Find(run) : null);

    /// <exception cref="OpenAiException">404: there is none that the caller sees.</exception>
    public JobView Find(Caller caller, string id) =>
        jobs.Require(id) is { } job && caller.MayAsk(job.Assistant) ? View(job) : throw OpenAiException.NotFound("fine-tuning job", id);

    public IReadOnlyList<JobEvent> Events(Caller caller, string id)
    {
        JobView view = Find(caller, id);
        return view.Events(view.Run is null ? [] : runs.Curve(view.Run.Id));
    }

    /// <exception cref="OpenAiException">404: there is none; 409: it has ended.</exception>
    public async Task<JobView> CancelAsync(Caller caller, string id)
    {
        RequireGoing(caller, id);
        if (!await jobs.CancelAsync(id))
            worker.CancelIf(run => run.Id == jobs.Require(id).RunId);
        return Find(caller, id);
    }

    /// <exception cref="OpenAiException">404: there is none; 409: it has ended.</exception>
    public async Task<JobView> PauseAsync(Caller caller, string id, bool isPaused)
    {
        RequireGoing(caller, id);
        await jobs.SetPausedAsync(id, isPaused);
        pause.Set(jobs.PausedRun());
        queue.Wake();
        return Find(caller, id);
    }

    private void RequireGoing(Caller caller, string id)
    {
        if (Find(caller, id) is { IsFinished: true } ended)
            throw OpenAiException.Conflict($"The job {id} has ended ({ended.Status}).", "job_finished");
    }
}
