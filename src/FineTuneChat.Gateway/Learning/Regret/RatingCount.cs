namespace FineTuneChat.Gateway.Learning.Regret;

/// <summary>What users said of a version's replies; a correction is a thumb down.</summary>
/// <param name="Up">Replies rated up.</param>
/// <param name="Down">Replies rated down.</param>
internal sealed record RatingCount(long Up, long Down)
{
    public long All => Up + Down;
}
