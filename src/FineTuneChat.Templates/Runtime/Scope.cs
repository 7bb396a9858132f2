namespace FineTuneChat.Templates.Runtime;

/// <summary>Names that a block has set, and the scope around it. A block never changes the names of the scopes around it.</summary>
internal sealed class Scope(Scope? outer)
{
    private Dictionary<string, Value>? _names;

    public Value? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._names is { } names && names.TryGetValue(name, out Value? value))
                return value;
        }
        return null;
    }

    private Scope? Outer => outer;

    public void Set(string name, Value value) => (_names ??= [])[name] = value;
}
