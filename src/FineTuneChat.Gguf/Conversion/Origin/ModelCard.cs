using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FineTuneChat.Gguf.Conversion.Origin;

/// <summary>The head of a model's <c>README.md</c>, between two lines <c>---</c>: facts in YAML. One that cannot be read is no reason not to convert.</summary>
internal sealed class ModelCard
{
    private const int LongestHead = 1 << 18;

    private readonly YamlMappingNode _facts = [];

    private ModelCard(string? head)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(head ?? ""));
        }
        catch (YamlException)
        {
            return;
        }

        if (yaml.Documents is [{ RootNode: YamlMappingNode facts }, ..])
            _facts = facts;
    }

    public static ModelCard Of(HuggingFaceFolder folder) => new(folder.Bytes("README.md") is { } bytes ? Head(bytes) : null);

    /// <summary>The first of the entries that is a text.</summary>
    public string? Text(params string[] keys) => keys.Select(Find).OfType<YamlScalarNode>().FirstOrDefault()?.Value is { Length: > 0 } text ? text : null;

    /// <summary>The texts of the first of the entries that is there; one text is a list, too.</summary>
    public IReadOnlyList<string> Texts(params string[] keys) => keys.Select(Find).FirstOrDefault(node => node is not null) switch
    {
        YamlScalarNode { Value: { Length: > 0 } one } => [one],
        YamlSequenceNode many => [.. many.OfType<YamlScalarNode>().Select(n => n.Value!).Where(v => v.Length > 0)],
        _ => [],
    };

    private YamlNode? Find(string key) => _facts.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? node) ? node : null;

    private static string? Head(byte[] bytes)
    {
        using var reader = new StringReader(Encoding.UTF8.GetString(bytes, 0, Math.Min(bytes.Length, LongestHead)));
        if (reader.ReadLine()?.TrimEnd() != "---")
            return null;
        var head = new StringBuilder();
        while (reader.ReadLine() is { } line && line.TrimEnd() != "---")
            head.Append(line.Replace("\t", "  ", StringComparison.Ordinal)).Append('\n');
        return head.ToString();
    }
}
