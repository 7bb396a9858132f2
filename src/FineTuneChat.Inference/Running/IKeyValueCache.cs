namespace FineTuneChat.Inference.Running;

/// <summary>The keys and values of a model's sequences.</summary>
public interface IKeyValueCache
{
    /// <summary>Lets an empty sequence begin with the first tokens of another, without computing or copying them.</summary>
    /// <param name="source">Sequence id to share from.</param>
    /// <param name="target">Sequence id that gets them.</param>
    /// <param name="length">Number of tokens.</param>
    void Share(int source, int target, int length);

    /// <summary>Empties a sequence, or takes its last tokens out. What it shares stays with the others.</summary>
    /// <param name="sequence">Its id.</param>
    /// <param name="from">Index of the first token to forget; above 0 only where <see cref="IModelRunner.CanForgetLast"/>.</param>
    void Forget(int sequence, int from = 0);
}
