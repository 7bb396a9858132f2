namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>What one rule of the gate says.</summary>
/// <param name="Passed">Whether the candidate may serve for all that this rule knows.</param>
/// <param name="Reason">Why, or why not.</param>
internal sealed record Finding(bool Passed, Reason Reason);
