namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>Tests that teach a whole server, one after the other: at most one such and the week or the page's tests at a time.</summary>
[CollectionDefinition(Name)]
public sealed class LearningCollection
{
    public const string Name = "learning";
}
