using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>
/// Makes a run's adapter of the run's data, here or elsewhere. It leaves <c>adapter.gguf</c>, PEFT's two files and, last, <c>run.json</c> in the run's folder;
/// export, gate and swap are the run's own, whoever has trained.
/// </summary>
internal interface ITrainer
{
    /// <summary>Trains. A run that a crash, a stop or an outage has interrupted comes here again, and goes on with what was begun.</summary>
    /// <param name="assistant">Whose base is trained on.</param>
    /// <param name="reporter">Knows the run and its options; is told each step.</param>
    /// <param name="folder">Has the data.</param>
    /// <param name="cancellation">Somebody cancels the run, or the gateway stops.</param>
    /// <exception cref="VerbException">It cannot be trained so; the message is what the run failed of.</exception>
    /// <exception cref="VerbKilledException">Nothing is wrong with it: it is tried again.</exception>
    Task TrainAsync(Assistant assistant, RunReporter reporter, RunFolder folder, CancellationToken cancellation);

    /// <summary>The run has ended, in whatever way: what is left of it elsewhere ends, too.</summary>
    Task LeaveAsync(RunFolder folder);
}
