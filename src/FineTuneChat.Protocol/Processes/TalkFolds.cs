namespace FineTuneChat.Protocol.Processes;

/// <summary>What an engine says of a talk's length: see <see cref="Path"/>.</summary>
/// <param name="Folds">
/// How many messages after the head were left out by then, at each place where the talk outgrew its room, oldest first; empty: it never did.
/// </param>
/// <param name="Context">Tokens of the model's context.</param>
internal sealed record TalkFolds(IReadOnlyList<int> Folds, int Context)
{
    /// <summary>The engine's route: a chat request as it would be completed.</summary>
    public const string Path = "/internal/folds";
}
