namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>Tests that teach a whole server, one after the other: side by side they would take the cores from each other.</summary>
[CollectionDefinition(Name)]
public sealed class LearningCollection
{
    public const string Name = "learning";
}
