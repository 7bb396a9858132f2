using System.Runtime.CompilerServices;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Why a trainer rests: somebody has paused its run, or somebody chats, where runs are to wait for that.</summary>
internal sealed class RunPause(ChatActivity activity, RetrainingSettings settings)
{
    private static readonly TimeSpan ChatRest = TimeSpan.FromSeconds(2); // between a reply and the next question, a paused run stays paused

    private readonly Lock _gate = new();
    private string? _paused;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The run that is to rest; null: none.</summary>
    public void Set(string? run)
    {
        lock (_gate)
        {
            _paused = run;
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    /// <summary>What the trainer of a run is told, at once and at every change.</summary>
    /// <param name="run">Which one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="isForChats">Whether it rests for chats, where the settings say so.</param>
    public async IAsyncEnumerable<string> CommandsAsync(
        string run, [EnumeratorCancellation] CancellationToken cancellation = default, bool isForChats = true)
    {
        // Not disposed of: while it waits it may not be, and the token ends it.
        IAsyncEnumerator<bool>? chats = isForChats && settings.PauseWhileChatting
            ? activity.BusyAsync(ChatRest, cancellation).GetAsyncEnumerator(cancellation)
            : null;
        Task<bool>? nextChat = chats?.MoveNextAsync().AsTask();
        for (bool isBusy = false, told = false; ;)
        {
            (bool isPaused, Task changed) = State(run);
            if ((isPaused || isBusy) != told)
            {
                told = !told;
                yield return told ? TrainerCommands.Pause : TrainerCommands.Resume;
            }
            await Task.WhenAny(changed, nextChat ?? changed).WaitAsync(cancellation);
            if (nextChat is { IsCompleted: true })
                (isBusy, nextChat) = await nextChat ? (chats!.Current, chats.MoveNextAsync().AsTask()) : (false, null);
        }
    }

    private (bool IsPaused, Task Changed) State(string run)
    {
        lock (_gate)
            return (_paused == run, _changed.Task);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
