using System.Xml.Linq;
using FineTuneChat.TestSupport;
using Mono.Cecil;

namespace FineTuneChat.Tests.Architecture;

/// <summary>The rules of docs/architecture.md: who may know whom.</summary>
public sealed class ArchitectureTests
{
    private const int LargestCycle = 5; // namespaces

    /// <summary>What each project references, and nothing else. Lower ones know nothing of higher ones.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Gguf"] = [],
        ["Datasets"] = [],
        ["Documents"] = ["Datasets"],
        ["Templates"] = [],
        ["Grammars"] = [],
        ["Native"] = ["Gguf"],
        ["Templates"] = [],
        ["Grammars"] = [],
        ["Chat"] = ["Datasets", "Grammars", "Native", "Templates"],
        ["Inference"] = ["Chat"],
        ["Training"] = ["Chat"],
        ["Starter"] = ["Training"],
        ["Protocol"] = ["Datasets"],
        ["Engine"] = ["Inference", "Protocol"],
        ["Embedder"] = ["Protocol"],
        ["Gateway"] = ["Documents", "Gguf", "Protocol"],
        [""] = ["Embedder", "Engine", "Gateway", "Starter", "Training"],
    };

    private static readonly string[] OfNativeCode = ["Native", "Chat", "Inference", "Training", "Starter", "Engine", "Embedder"];

    [Fact]
    public void Projects_reference_what_they_may()
    {
        Assert.Equal(Allowed.Keys.Order(), Projects().Order());
        foreach (string project in Projects())
            Assert.Equal((project, string.Join(' ', Allowed[project].Order())), (project, string.Join(' ', References(project).Order())));
    }

    [Fact]
    public void The_gateway_reaches_no_native_code()
    {
        Assert.Empty(Reached("Gateway").Intersect(OfNativeCode));
        using ModuleDefinition gateway = Open("FineTuneChat.Gateway.dll");
        Assert.DoesNotContain(gateway.Types, type => type.Methods.Any(method => method.IsPInvokeImpl));
        Assert.Empty(gateway.AssemblyReferences.Select(r => r.Name).Intersect(OfNativeCode.Select(Name)));
    }

    [Fact]
    public void Unsafe_code_lives_in_Native_alone() =>
        Assert.Equal(["Native"], Projects().Where(p => (string?)File(p).Descendants("AllowUnsafeBlocks").FirstOrDefault() == "true"));

    public static TheoryData<string> Assemblies() => [.. Projects().Select(Name)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Few_namespaces_need_each_other(string assembly)
    {
        using ModuleDefinition module = Open($"{assembly}.dll");
        IReadOnlyList<IReadOnlyList<string>> cycles = NamespaceGraph.Of(module).Cycles();
        Assert.True(cycles.All(cycle => cycle.Count <= LargestCycle), string.Join("\n", cycles.Select(cycle => string.Join(" ↔ ", cycle))));
    }

    private static HashSet<string> Reached(string project)
    {
        HashSet<string> reached = [.. References(project)];
        for (int before = -1; before != reached.Count;)
        {
            before = reached.Count;
            reached.UnionWith([.. reached.SelectMany(References)]);
        }
        return reached;
    }

    /// <summary>By what follows <c>FineTuneChat.</c>; the program itself has no more of a name.</summary>
    private static IEnumerable<string> Projects() =>
        Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Short(Path.GetFileName(folder)!));

    private static IEnumerable<string> References(string project) =>
        File(project).Descendants("ProjectReference").Select(r => Short(Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!)));

    private static XDocument File(string project) => XDocument.Load(Path.Combine(Repository.Root, "src", Name(project), $"{Name(project)}.csproj"));

    private static string Name(string project) => project.Length == 0 ? "FineTuneChat" : $"FineTuneChat.{project}";

    private static string Short(string name) => name == "FineTuneChat" ? "" : name["FineTuneChat.".Length..];

    private static ModuleDefinition Open(string file) => ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, file));
}
