using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>Jobs that only train (<see cref="GuestOrder"/>), as runs.</summary>
internal sealed class GuestRuns(JobStore jobs, UploadedFiles files) : IGuestRuns
{
    public bool Has(string run) => jobs.OfRun(run)?.Guest is not null;

    public async Task PrepareAsync(RunReporter reporter, RunFolder folder)
    {
        if (File.Exists(folder.Dataset))
            return;
        await reporter.SetAsync(reporter.Current with { Status = RunStatus.Preparing });
        JobRecord job = jobs.OfRun(reporter.Current.Id)!;
        foreach ((string use, string file) in job.Guest!.Files)
            PrivateFile.WriteLines(use switch { GuestOrder.Keep => folder.Keep, GuestOrder.Until => folder.Accepted, _ => folder.Feedback }, files.Rows(file));
        string[] heldOut = job.ValidationFile is { } validation ? [.. files.Rows(validation)] : [];
        PrivateFile.WriteLines(folder.HeldOut, heldOut);
        HashSet<string> kept = RunFolder.HasRows(folder.Keep) ? [.. File.ReadLines(folder.Keep)] : []; // these are rows to learn where nobody knows better
        string[] rows = [.. files.Rows(job.TrainingFile).Where(row => !kept.Contains(row))];
        PrivateFile.WriteLines(folder.Dataset, rows); // last: when it is there, all are
        await reporter.SetAsync(reporter.Current with { Examples = rows.Length, HeldOut = heldOut.Length });
    }

    public async Task HandOverAsync(Run run, RunFolder folder)
    {
        JobRecord job = jobs.OfRun(run.Id)!;
        string[] adapter = [.. DataFolder.PeftFiles.Select(name => Path.Combine(folder.Root, name))];
        await files.KeepResultAsync(job.ResultFile, job.TrainingFile, $"{job.Id}-peft.zip", stream => VersionFilesApi.PackAsync(adapter, stream));
    }
}
