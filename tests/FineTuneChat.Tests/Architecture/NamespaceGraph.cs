using Mono.Cecil;
using Mono.Cecil.Cil;

namespace FineTuneChat.Tests.Architecture;

/// <summary>Which namespaces of an assembly use types of which others of it. What compilers have generated has none of ours.</summary>
internal sealed class NamespaceGraph
{
    private readonly SortedDictionary<string, HashSet<string>> _uses = new(StringComparer.Ordinal);

    public static NamespaceGraph Of(ModuleDefinition module)
    {
        var graph = new NamespaceGraph();
        foreach (TypeDefinition type in module.GetTypes().Where(t => IsOurs(NamespaceOf(t))))
            foreach (TypeReference used in Used(type).SelectMany(Parts))
                if (used.Scope == module && NamespaceOf(used) is var other && IsOurs(other))
                    graph.Add(NamespaceOf(type), other);
        return graph;
    }

    /// <summary>Groups of namespaces each of which reaches all others of its group, the largest first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Cycles()
    {
        Dictionary<string, HashSet<string>> reached = _uses.Keys.ToDictionary(n => n, Reach);
        return [.. _uses.Keys
            .GroupBy(n => string.Join('|', _uses.Keys.Where(o => o == n || (reached[n].Contains(o) && reached[o].Contains(n)))))
            .Select(group => (string[])[.. group]).Where(group => group.Length > 1).OrderByDescending(group => group.Length)];
    }

    private void Add(string from, string to)
    {
        HashSet<string> uses = _uses.TryGetValue(from, out HashSet<string>? known) ? known : _uses[from] = [];
        if (from != to)
            uses.Add(to);
        _uses.TryAdd(to, []);
    }

    private HashSet<string> Reach(string from)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>(_uses[from]);
        while (open.TryPop(out string? next))
            if (reached.Add(next))
                foreach (string further in _uses[next])
                    open.Push(further);
        return reached;
    }

    private static bool IsOurs(string name) => name.StartsWith(nameof(FineTuneChat), StringComparison.Ordinal);

    private static string NamespaceOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Namespace;
    }

    private static IEnumerable<TypeReference> Used(TypeDefinition type)
    {
        if (type.BaseType is { } parent)
            yield return parent;
        foreach (InterfaceImplementation implemented in type.Interfaces)
            yield return implemented.InterfaceType;
        foreach (FieldDefinition field in type.Fields)
            yield return field.FieldType;
        foreach (PropertyDefinition property in type.Properties)
            yield return property.PropertyType;
        foreach (CustomAttribute attribute in type.CustomAttributes)
            yield return attribute.AttributeType;
        foreach (MethodDefinition method in type.Methods)
        {
            yield return method.ReturnType;
            foreach (ParameterDefinition parameter in method.Parameters)
                yield return parameter.ParameterType;
            if (!method.HasBody)
                continue;
            foreach (VariableDefinition variable in method.Body.Variables)
                yield return variable.VariableType;
            foreach (Instruction instruction in method.Body.Instructions)
                foreach (TypeReference used in Used(instruction.Operand))
                    yield return used;
        }
    }

    private static IEnumerable<TypeReference> Used(object? operand) => operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod generic => [generic.DeclaringType, .. generic.GenericArguments],
        MemberReference member => [member.DeclaringType],
        _ => [],
    };

    /// <summary>A type and its arguments: <c>List&lt;Run&gt;</c> uses <c>Run</c>.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null => [],
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification specification => Parts(specification.ElementType),
        GenericParameter => [],
        _ => [type],
    };
}
