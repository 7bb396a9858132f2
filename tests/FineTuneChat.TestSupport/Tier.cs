namespace FineTuneChat.TestSupport;

/// <summary>
/// The trait that keeps slow tests out of the inner loop: <c>[Trait(Tier.Name, Tier.Slow)]</c> on a class, <c>[assembly: AssemblyTrait(…)]</c> on a project.
/// <c>dotnet test --filter Tier!=slow</c> runs the others.
/// </summary>
public static class Tier
{
    public const string Name = "Tier";
    public const string Slow = "slow";
}
