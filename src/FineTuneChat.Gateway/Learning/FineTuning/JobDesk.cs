using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>What clients do with jobs: look at them, end them, pause them.</summary>
internal sealed class JobDesk(JobStore jobs, RunStore runs, RetrainingWorker worker, RunPause pause, JobWorker queue, TimeProvider time)
{
    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public JobView View(JobRecord job) =>
        new(job, job.RunId is { } run ? worker.Find(run) : null);

    /// <exception cref="OpenAiException">404: there is none.</exception>
    public JobView Find(string id) => View(jobs.Require(id));

    public IReadOnlyList<JobEvent> Events(string id)
    {
        JobView view = Find(id);
        return view.Events(view.Run is null ? [] : runs.Curve(view.Run.Id));
    }

    /// <exception cref="OpenAiException">404: there is none; 409: it has ended.</exception>
    public async Task<JobView> CancelAsync(string id)
    {
        RequireGoing(id);
        if (!await jobs.CancelAsync(id))
            worker.CancelIf(run => run.Id == jobs.Require(id).RunId);
        return Find(id);
    }

    /// <exception cref="OpenAiException">404: there is none; 409: it has ended.</exception>
    public async Task<JobView> PauseAsync(string id, bool isPaused)
    {
        RequireGoing(id);
        await jobs.SetPausedAsync(id, isPaused);
        pause.Set(jobs.PausedRun());
        queue.Wake();
        return Find(id);
    }

    private void RequireGoing(string id)
    {
        if (Find(id) is { IsFinished: true } ended)
            throw OpenAiException.Conflict($"The job {id} has ended ({ended.Status}).", "job_finished");
    }
}
